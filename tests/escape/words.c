/* Splits a line into words. Trusts no input: attack files are written by hand. */
#include "tests/escape/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *file, *text;
    size_t number;
} here;

void words_at(const char *file, size_t number, const char *text)
{
    here.file = file;
    here.number = number;
    here.text = text;
}

_Noreturn void words_wrong(const char *fmt, ...)
{
    va_list ap;

    printf("%s:%zu: %.*s: ", here.file, here.number, (int)strcspn(here.text, "\n"), here.text);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    exit(1);
}

/* One character of a quoted word at *AT, which moves past it; -1: its end, or invalid. */
static int quoted_char(const char **at)
{
    unsigned code;

    if (**at == '\0' || **at == '\n' || **at == '"')
        return -1;
    if (**at != '\\')
        return (unsigned char)*(*at)++;
    *at += 2;
    switch ((*at)[-1]) {
    case 'n':
        return '\n';
    case '0':
        return '\0';
    case '\\':
    case '"':
        return (*at)[-1];
    case 'x':
        if (sscanf(*at, "%2x", &code) != 1)
            return -1;
        *at += 2;
        return (int)code;
    default:
        return -1;
    }
}

static bool cut_quoted(const char **at, struct word *w)
{
    int c;

    w->quoted = true;
    for (++*at; (c = quoted_char(at)) >= 0;) {
        if (w->len == WORD_MAX - 1)
            return false;
        w->text[w->len++] = (char)c;
    }
    return *(*at)++ == '"';
}

bool words_cut(const char *text, struct line *line)
{
    const char *at = text;

    memset(line, 0, sizeof *line);
    for (;;) {
        struct word *w = &line->at[line->count];

        at += strspn(at, " \t");
        if (*at == '\0' || *at == '\n' || *at == '#')
            return true;
        if (++line->count > WORDS_MAX)
            return false;
        if (*at == '"') {
            if (!cut_quoted(&at, w))
                return false;
            continue;
        }
        w->len = strcspn(at, " \t\n");
        if (w->len >= WORD_MAX)
            return false;
        memcpy(w->text, at, w->len);
        at += w->len;
    }
}

bool words_is(const struct line *line, size_t i, const char *text)
{
    return i < line->count && !line->at[i].quoted && strcmp(line->at[i].text, text) == 0;
}
