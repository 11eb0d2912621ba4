/* Heap sort of names, in place: see sort.h. Touches nothing but the list and the bytes it names. */
#include "runtime/script/core/sort.h"

#include <stdbool.h>
#include <string.h>

static bool before(const struct name *a, const struct name *b)
{
    int order = memcmp(a->at, b->at, a->n < b->n ? a->n : b->n);

    return order < 0 || (order == 0 && a->n < b->n);
}

static void sink(struct name *list, size_t at, size_t count)
{
    struct name moving = list[at];

    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(&list[child], &list[child + 1]))
            child++;
        if (!before(&moving, &list[child]))
            break;
        list[at] = list[child];
    }
    list[at] = moving;
}

void sort_names(struct name *list, size_t count)
{
    for (size_t at = count / 2; at-- > 0;)
        sink(list, at, count);
    while (count > 1) {
        struct name last = list[--count];

        list[count] = list[0];
        list[0] = last;
        sink(list, 0, count);
    }
}
