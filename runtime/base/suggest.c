/* Names are untrusted: long ones are near nothing. Allocates nothing. */
#include "runtime/base/suggest.h"

#include <string.h>

#define LONGEST 48 /* longer names are never near another */

/* Edits (insert, delete, replace, swap neighbours) from A to B, both short: optimal string
 * alignment with three rows. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= m; j++)
        last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *spare = before;

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        before = last;
        last = row;
        row = spare;
    }
    return last[m];
}

struct suggestion suggest(const char *name)
{
    size_t n = strnlen(name, LONGEST + 1);

    return (struct suggestion){.name = name,
                               .distance = n > LONGEST ? 0
                                           : n < 4     ? 2
                                           : n < 8     ? 3
                                                       : 4};
}

/* A cell of the distance matrix takes about a nanosecond. */
uint64_t suggest_cost(const struct suggestion *s)
{
    size_t n = strnlen(s->name, LONGEST);

    return s->distance ? 2 + n * (n + s->distance) / 24 : 2;
}

void suggest_try(struct suggestion *s, const char *candidate)
{
    size_t n = strnlen(candidate, LONGEST + 1), d;

    if (s->distance == 0 || n > LONGEST)
        return;
    d = strlen(s->name);
    if ((d > n ? d - n : n - d) >= s->distance) /* at least that many edits */
        return;
    d = distance(s->name, d, candidate, n);
    if (d < s->distance && d < n) { /* a name with nothing in common is no suggestion */
        s->distance = d;
        s->best = candidate;
    }
}
