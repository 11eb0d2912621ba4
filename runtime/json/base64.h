/* base64 (RFC 4648, section 4) for both programs: strict, so a text means the same to all
 * readers. */
#ifndef JSON_BASE64_H
#define JSON_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The number of characters that encode N bytes. */
static inline size_t base64_size(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* Write base64_size(N) characters to OUT. */
void base64_encode(const void *bytes, size_t n, char *out);

/* Whether the N characters at TEXT are base64: the standard alphabet, padded to a multiple of 4,
 * unused bits zero (RFC 4648, 3.5), no white space. The empty text is valid. */
bool base64_check(const char *text, size_t n);

/* Decode TEXT into OUT, which has room for N / 4 * 3 bytes. Returns their number, or (size_t)-1 if
 * base64_check() rejects TEXT. */
size_t base64_decode(const char *text, size_t n, char *out);

#endif
