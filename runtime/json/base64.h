/* base64 (RFC 4648, section 4) for both programs: strict, so that one text has one meaning for every reader. */
#ifndef JSON_BASE64_H
#define JSON_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The text of N bytes takes this many characters. */
static inline size_t base64_size(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* Write base64_size(N) characters to OUT. */
void base64_encode(const void *bytes, size_t n, char *out);

/* The N characters at TEXT are base64: the standard alphabet, padded to a multiple of 4, unused bits zero (RFC 4648, 3.5), no
 * white space. The empty text is. */
bool base64_check(const char *text, size_t n);

/* The bytes that TEXT means, to OUT, which has room for N / 4 * 3: how many; or (size_t)-1 where base64_check() refuses it. */
size_t base64_decode(const char *text, size_t n, char *out);

#endif
