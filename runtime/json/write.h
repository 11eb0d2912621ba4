/* JSON values as text. json-c writes into a buffer of its own and, if that cannot grow, silently
 * drops what does not fit: a member would lose its name. Here either all is written, or .failed is
 * set. */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"

struct json_object;

/* Append VALUE (NULL is JSON null) on one line, without blanks; or INDENTED, one member or element
 * per line. Numbers are written as they were read. */
void json_write(struct str *out, struct json_object *value, bool indented);

/* Append N bytes of UTF-8 as a JSON string; escapes only control characters and what must be (RFC
 * 8259, section 7). */
void json_write_text(struct str *out, const char *bytes, size_t n);

#endif
