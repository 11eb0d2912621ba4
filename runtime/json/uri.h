/* URI references (RFC 3986), which identify schemas. Nothing is ever fetched. */
#ifndef JSON_URI_H
#define JSON_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"

/* Whether the N bytes are a URI reference by the RFC's grammar; with ABSOLUTE, one with a scheme (a
 * URI). */
bool uri_check(const char *text, size_t n, bool absolute);

/* Append REF, without its fragment, resolved against BASE (RFC 3986, 5.2). BASE may be "" or
 * relative itself. Neither is checked: an invalid URI yields another invalid one. */
void uri_resolve(const char *base, const char *ref, struct str *out);

/* Append TEXT as a fragment, percent-encoding characters that are not allowed there. */
void uri_fragment(const char *text, struct str *out);

/* Append the N bytes, percent-decoded. */
void uri_decode(const char *text, size_t n, struct str *out);

#endif
