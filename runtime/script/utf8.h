/* UTF-8, strictly (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
#ifndef SCRIPT_UTF8_H
#define SCRIPT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The character at S (N > 0 bytes are there): its length, 1 to 4; or, where the bytes are not
 * UTF-8, minus how many of them one U+FFFD stands for (a "maximal subpart", Unicode 15, 3.9). */
int utf8_step(const char *s, size_t n);

/* Are the N bytes at S all UTF-8? */
bool utf8_valid(const char *s, size_t n);

/* How many bytes at the end of S begin a character that more bytes could complete: 0 to 3. */
size_t utf8_unfinished(const char *s, size_t n);

#endif
