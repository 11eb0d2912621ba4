/* Text on its way to a terminal, or into a JSON string. */
#ifndef WIRE_TEXT_H
#define WIRE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"
#include "runtime/wire/event.h"

/* Append an escaped JSON string (quotes excluded) as plain text. With VISIBLE, every control
 * character but '\n' and '\t' (C0, DEL, C1, and the bidirectional and other format characters that
 * rearrange a terminal's text) is written as <U+XXXX>, so that nothing a box sends can move a
 * cursor, set a title or forge a line of runbox's own. */
void text_plain(struct str *out, struct span escaped, bool visible);

/* Append N bytes as a JSON string with its quotes; what is not UTF-8, and NUL, becomes U+FFFD; what
 * VISIBLE would spell out is written as \uXXXX, the same value, whoever reads it. */
void text_quote(struct str *out, const char *bytes, size_t n);

/* How many of the N bytes form whole UTF-8 characters (or whole invalid sequences): where a piece
 * of a longer text may end without cutting a character in two. At most 3 less than N. */
size_t text_whole(const char *bytes, size_t n);

/* Append JSON text that a scanner accepted, the same value, with every character that VISIBLE would
 * spell out written as \uXXXX: such characters stand only inside its strings. */
void text_json_visible(struct str *out, struct span json);

/* As text_plain() with VISIBLE, of N bytes that may not be UTF-8 (file names, errno texts). */
void text_visible(struct str *out, const char *bytes, size_t n);

/* As text_visible(), newlines spelt out too: a message stays one line, whatever a file is called. */
void text_line(struct str *out, const char *bytes, size_t n);

#endif
