/* runtime/base/sort.c against the definition of order, over lengths and shapes that break sorts. */
#include "runtime/base/sort.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

#define MOST 3000

struct item {
    uint32_t key, tail[3]; /* .tail goes with the key */
};

static size_t compared;

static int by_key(const void *x, const void *y)
{
    const struct item *a = x, *b = y;

    compared++;
    return (a->key > b->key) - (a->key < b->key);
}

static uint32_t shape(unsigned which, size_t i, size_t n, uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    switch (which) {
    case 0:
        return *seed >> 8;
    case 1:
        return (uint32_t)i;
    case 2:
        return (uint32_t)(n - i);
    case 3:
        return *seed >> 30; /* few keys */
    default:
        return 7;
    }
}

/* Ordered, and of the same items: their sum is what it was, and each still has its own tail. */
static bool sorts(unsigned which, size_t n)
{
    static struct item list[MOST];
    uint32_t seed = (uint32_t)n;
    uint64_t before = 0, after = 0;
    size_t log = 1;

    for (size_t i = 0; i < n; i++) {
        list[i].key = shape(which, i, n, &seed);
        for (int k = 0; k < 3; k++)
            list[i].tail[k] = list[i].key + (uint32_t)k;
        before += list[i].key;
    }
    for (size_t m = n; m > 1; m /= 2)
        log++;
    compared = 0;
    sort_items(list, n, sizeof *list, by_key);
    if (compared > 2 * n * log)
        return false;
    for (size_t i = 0; i < n; i++) {
        after += list[i].key;
        for (int k = 0; k < 3; k++)
            if (list[i].tail[k] != list[i].key + (uint32_t)k)
                return false;
        if (i && list[i - 1].key > list[i].key)
            return false;
    }
    return before == after;
}

int main(void)
{
    static const char *const shapes[] = {"any", "ordered", "reversed", "few keys", "one key"};

    for (unsigned which = 0; which < 5; which++) {
        size_t wrong = 0;

        for (size_t n = 0; n < 70; n++)
            wrong += !sorts(which, n);
        for (size_t n = 70; n <= MOST; n += 293)
            wrong += !sorts(which, n);
        ok(wrong == 0, "%s: %zu lengths are sorted wrongly", shapes[which], wrong);
    }
    return done();
}
