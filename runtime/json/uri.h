/* URI references (RFC 3986): what schemas are named by. Nothing is ever fetched. */
#ifndef JSON_URI_H
#define JSON_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"

/* The N bytes are a URI reference by the RFC's grammar; with ABSOLUTE, one with a scheme (a URI). */
bool uri_check(const char *text, size_t n, bool absolute);

/* Append the URI that REF, without its fragment, means where BASE stands (RFC 3986, 5.2). BASE may
 * be "" or relative itself. Neither is checked: what is no URI comes out as another that is none. */
void uri_resolve(const char *base, const char *ref, struct str *out);

/* Append TEXT as a fragment: what may not stand in one is percent-encoded. */
void uri_fragment(const char *text, struct str *out);

/* Append the N bytes with their percent-encodings undone. */
void uri_decode(const char *text, size_t n, struct str *out);

#endif
