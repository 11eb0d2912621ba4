/* Base64 (RFC 4648, 4), with padding. */
#ifndef SCRIPT_BASE64_H
#define SCRIPT_BASE64_H

#include <stddef.h>

/* The text of N bytes takes this many characters. */
static inline size_t base64_size(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* Write base64_size(N) characters to OUT. */
void base64_encode(const char *bytes, size_t n, char *out);

/* Undo it: OUT holds N / 4 * 3 bytes. Returns how many were written, or (size_t)-1: not base64. */
size_t base64_decode(const char *text, size_t n, char *out);

#endif
