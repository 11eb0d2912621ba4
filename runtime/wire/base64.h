/* base64 (RFC 4648, section 4): strict, so that one text has one meaning for every reader. */
#ifndef WIRE_BASE64_H
#define WIRE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"
#include "runtime/wire/event.h"

/* TEXT is base64: the standard alphabet, padded to a multiple of 4, unused bits zero, no white
 * space, no JSON escape. The empty text is. */
bool base64_check(struct span text);

/* Append the bytes that TEXT means; base64_check() accepted it. */
void base64_decode(struct str *out, struct span text);

/* Append N bytes as base64. */
void base64_encode(struct str *out, const void *bytes, size_t n);

#endif
