/* The lines of an attack file (tests/escape/README.md), cut into words. */
#ifndef ESCAPE_WORDS_H
#define ESCAPE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 32
#define WORD_MAX  512

struct word {
    bool quoted;
    size_t len; /* a quoted word may hold NULs */
    char text[WORD_MAX];
};

struct line {
    size_t count;
    struct word at[WORDS_MAX];
};

/* TEXT, up to its '\n': words between blanks; "..." with \n, \0, \\, \" and \xHH is one; from a word that begins
 * with '#' on it is a comment. False where it is none of that. */
bool words_cut(const char *text, struct line *line);

/* Is word I there, unquoted, and TEXT? */
bool words_is(const struct line *line, size_t i, const char *text);

/* The line that is being done, from 1; and the end of the tool, with status 1, because of it. */
void words_at(const char *file, size_t number, const char *text);
_Noreturn void words_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
