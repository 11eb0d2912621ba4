/* Heapsort (J. W. J. Williams, 1964): allocates nothing, has no bad case. */
#include "runtime/base/sort.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Sift the element at ROOT down: follow the greater children to a leaf, then climb back up, which
 * halves the comparisons, since most elements belong near the leaves (R. W. Floyd). */
static void sift(char *base, size_t root, size_t count, size_t size,
                 int (*compare)(const void *, const void *))
{
    alignas(max_align_t) char held[SORT_SIZE_MAX]; /* passed to COMPARE as an element */
    size_t at = root, child;

    memcpy(held, base + root * size, size);
    while ((child = 2 * at + 1) < count) {
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        memcpy(base + at * size, base + child * size, size);
        at = child;
    }
    while (at > root && compare(base + (at - 1) / 2 * size, held) < 0) {
        memcpy(base + at * size, base + (at - 1) / 2 * size, size);
        at = (at - 1) / 2;
    }
    memcpy(base + at * size, held, size);
}

void sort_items(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    char held[SORT_SIZE_MAX], *at = base;

    if (size > SORT_SIZE_MAX)
        abort();
    for (size_t i = count / 2; i > 0; i--)
        sift(at, i - 1, count, size, compare);
    for (size_t i = count; i > 1; i--) {
        memcpy(held, at + (i - 1) * size, size);
        memcpy(at + (i - 1) * size, at, size);
        memcpy(at, held, size);
        sift(at, 0, i - 1, size, compare);
    }
}
