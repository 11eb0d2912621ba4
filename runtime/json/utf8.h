/* UTF-8 for both programs, as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef JSON_UTF8_H
#define JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at AT: its length (1 to 4) and *CP; 0 where the bytes before END form none. */
size_t utf8_decode(const char *at, const char *end, uint32_t *cp);

/* The character at S (N > 0 bytes are there): its length, 1 to 4; or, where the bytes are not UTF-8, minus how many of them one
 * U+FFFD stands for (a "maximal subpart", Unicode 15, 3.9). */
int utf8_step(const char *s, size_t n);

/* Are the N bytes at S all UTF-8? */
bool utf8_valid(const char *s, size_t n);

/* How many bytes at the end of S begin a character that more bytes could complete: 0 to 3. */
size_t utf8_unfinished(const char *s, size_t n);

/* CP, a scalar value, into OUT (room for 4 bytes): its length. */
size_t utf8_encode(uint32_t cp, char *out);

/* How many characters the N bytes of a valid text hold. */
size_t utf8_count(const char *text, size_t n);

/* The N bytes are valid UTF-8 without control characters (C0, DEL, C1): fit for a name on a
 * terminal. */
bool utf8_printable(const char *text, size_t n);

#endif
