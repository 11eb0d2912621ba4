/* Long texts for unit tests. */
#ifndef REPEAT_H
#define REPEAT_H

#include <stdlib.h>
#include <string.h>

/* HEAD, PIECE COUNT times, TAIL. free() it. */
static char *repeat(const char *head, const char *piece, size_t count, const char *tail)
{
    size_t n = strlen(piece);
    char *text = malloc(strlen(head) + n * count + strlen(tail) + 1), *to;

    to = stpcpy(text, head);
    for (size_t i = 0; i < count; i++)
        to = stpcpy(to, piece);
    strcpy(to, tail);
    return text;
}

#endif
