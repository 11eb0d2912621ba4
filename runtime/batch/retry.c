/* A binary heap. The batch decides how much may wait, before it begins a job. */
#include "runtime/batch/retry.h"

#include <stdlib.h>

#define FIRST 16

void attempt_free(struct attempt *a)
{
    str_wipe(&a->text);
    *a = (struct attempt){0};
}

void retry_close(struct retry *r)
{
    for (size_t i = 0; i < r->count; i++)
        attempt_free(&r->heap[i]);
    free(r->heap);
    *r = (struct retry){0};
}

/* Of jobs due at the same time, the one with the earlier line comes first. */
static bool retry_before(const struct attempt *a, const struct attempt *b)
{
    return a->due != b->due ? a->due < b->due : a->line < b->line;
}

int retry_put(struct retry *r, struct attempt *a)
{
    size_t at = r->count;

    if (r->count == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : FIRST;
        struct attempt *more = reallocarray(r->heap, cap, sizeof *more);

        if (!more)
            return -1;
        r->heap = more;
        r->cap = cap;
    }
    r->count++;
    r->bytes += a->text.cap;
    for (; at && retry_before(a, &r->heap[(at - 1) / 2]); at = (at - 1) / 2)
        r->heap[at] = r->heap[(at - 1) / 2];
    r->heap[at] = *a;
    *a = (struct attempt){0};
    return 0;
}

uint64_t retry_due(const struct retry *r)
{
    return r->count ? r->heap[0].due : UINT64_MAX;
}

bool retry_take(struct retry *r, struct attempt *a)
{
    size_t at = 0, child;
    struct attempt last;

    if (r->count == 0)
        return false;
    *a = r->heap[0];
    r->bytes -= a->text.cap;
    last = r->heap[--r->count];
    while ((child = 2 * at + 1) < r->count) {
        if (child + 1 < r->count && retry_before(&r->heap[child + 1], &r->heap[child]))
            child++;
        if (!retry_before(&r->heap[child], &last))
            break;
        r->heap[at] = r->heap[child];
        at = child;
    }
    r->heap[at] = last;
    return true;
}
