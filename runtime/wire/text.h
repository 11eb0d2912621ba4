/* Text for a terminal, or for a JSON string. */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"
#include "runtime/wire/event.h"

/* Append an escaped JSON string (without quotes) as plain text. If VISIBLE, write every control
 * character except '\n' and '\t' (C0, DEL, C1, and the bidirectional and other format characters
 * that rearrange a terminal's text) as <U+XXXX>, so that a box cannot move the cursor, set a title
 * or forge a line of runbox's own. */
void text_plain(struct str *out, struct span escaped, bool visible);

/* Like text_plain(), for a reader of C strings: VISIBLE if it holds a NUL, else not. */
void text_c_plain(struct str *out, struct span escaped);

/* Append N bytes as a JSON string with quotes; invalid UTF-8 becomes U+FFFD; characters that
 * VISIBLE would spell out are written as \uXXXX, the same value to every reader. */
void text_quote(struct str *out, const char *bytes, size_t n);

/* How many of the N bytes form whole UTF-8 characters (or whole invalid sequences): where a piece
 * of a longer text may end without splitting a character. At most 3 less than N. */
size_t text_whole(const char *bytes, size_t n);

/* Append JSON text that a scanner has accepted, with every character that VISIBLE would spell out
 * written as \uXXXX: the same value, since such characters occur only in strings. */
void text_json_visible(struct str *out, struct span json);

/* Like text_plain() with VISIBLE, for N bytes that may not be UTF-8 (file names, errno texts). */
void text_visible(struct str *out, const char *bytes, size_t n);

/* Like text_visible(), but newlines are spelt out too: a message stays on one line. */
void text_line(struct str *out, const char *bytes, size_t n);

#endif
