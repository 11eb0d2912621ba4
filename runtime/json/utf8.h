/* UTF-8 for both programs, by RFC 3629: no overlong forms, no surrogates, at most U+10FFFF. */
#ifndef JSON_UTF8_H
#define JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decode the character at AT into *CP. Returns its length (1 to 4); 0 if the bytes form none. */
size_t utf8_decode(const char *at, const char *end, uint32_t *cp);

/* The length of the character at S (of N > 0 bytes), 1 to 4; or, if it is not UTF-8, minus the
 * number of bytes that one U+FFFD replaces (a "maximal subpart", Unicode 15, 3.9). */
int utf8_step(const char *s, size_t n);

/* Whether the N bytes at S are all UTF-8. */
bool utf8_valid(const char *s, size_t n);

/* How many bytes at the end of S begin a character that more bytes could complete: 0 to 3. */
size_t utf8_unfinished(const char *s, size_t n);

/* Encode CP, a scalar value, into OUT (room for 4 bytes). Returns its length. */
size_t utf8_encode(uint32_t cp, char *out);

/* The number of characters in N bytes of valid text. */
size_t utf8_count(const char *text, size_t n);

/* Whether the N bytes are valid UTF-8 without control characters (C0, DEL, C1): fit for a name on a
 * terminal. */
bool utf8_printable(const char *text, size_t n);

#endif
