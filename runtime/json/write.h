/* JSON values as text. json-c writes into a buffer of its own, and where that cannot grow it leaves out what did not
 * fit, and says nothing: a member would lose its name. Here all of it was written, or .failed is set. */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"

struct json_object;

/* Append VALUE (NULL is JSON null) on one line, without blanks; or INDENTED, a member or element a line. Numbers as they
 * were read. */
void json_write(struct str *out, struct json_object *value, bool indented);

/* Append N bytes of UTF-8 as a JSON string; control characters alone are escaped, and what must be (RFC 8259,
 * section 7). */
void json_write_text(struct str *out, const char *bytes, size_t n);

#endif
