/* The allocator alone: random work against a model, in arenas of several sizes; exhaustion and what
 * comes back after it; shrinking never fails. */
#include "runtime/script/arena/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/tap.h"

#define SLOTS 2000

struct slot {
    unsigned char *p;
    size_t n;
    unsigned char fill;
};

static uint64_t seed = 88172645463325252u;

static size_t rnd(size_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % below);
}

static struct arena *open_arena(size_t bytes, void **mem)
{
    void *kept;

    *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1, 0);
    madvise(*mem, bytes, MADV_NOHUGEPAGE); /* pages that are touched are counted */
    return arena_open(*mem, bytes, 1000, &kept);
}

static bool intact(const struct slot *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->p[i] != s->fill)
            return false;
    return true;
}

static size_t size(void)
{
    size_t kind = rnd(20);

    return 1 + (kind < 15 ? rnd(300) : kind < 19 ? rnd(5000) : rnd(100000));
}

static bool resize(struct arena *a, struct slot *s, size_t n)
{
    unsigned char *p = arena_lua(a, s->p, s->n, n);
    size_t same = s->n < n ? s->n : n;

    if (!p)
        return n > s->n; /* shrinking must not fail */
    s->p = p;
    s->n = same;
    if (!intact(s))
        return false;
    s->n = n;
    memset(p, s->fill, n);
    return (uintptr_t)p % 16 == 0;
}

/* Fill, resize and free at random; every byte must keep its value. */
static bool churn(struct arena *a, struct slot *slots, int steps)
{
    for (int i = 0; i < steps; i++) {
        struct slot *s = &slots[rnd(SLOTS)];

        if (!s->p) {
            s->n = size();
            s->fill = (unsigned char)rnd(256);
            s->p = arena_lua(a, NULL, rnd(9), s->n);
            if (s->p)
                memset(s->p, s->fill, s->n);
        } else if (rnd(3) == 0) {
            if (!resize(a, s, size()))
                return false;
        } else {
            if (!intact(s))
                return false;
            arena_lua(a, s->p, s->n, 0);
            s->p = NULL;
        }
    }
    return true;
}

static void test_churn(size_t bytes)
{
    static struct slot slots[SLOTS];
    void *mem;
    struct arena *a = open_arena(bytes, &mem);

    memset(slots, 0, sizeof slots);
    ok(churn(a, slots, 400000), "%zu KiB: random work keeps every byte", bytes >> 10);
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].p)
            arena_lua(a, slots[i].p, slots[i].n, 0);
    /* Everything is free: nearly all of it must be one block again. */
    size_t most = bytes - bytes / 64 - 16384;
    void *p = arena_alloc(a, most);

    ok(p != NULL, "%zu KiB: %zu bytes in one piece after all was freed", bytes >> 10, most);
    munmap(mem, bytes);
}

static size_t fill_with(struct arena *a, size_t n)
{
    void *list = NULL, *p;
    size_t count = 0;

    while ((p = arena_alloc(a, n))) {
        *(void **)p = list;
        list = p;
        count++;
    }
    for (void *next; list; list = next) {
        next = *(void **)list;
        arena_free(a, list, n);
    }
    return count;
}

/* Each size in turn must find nearly all of the arena, whatever the one before left behind. */
static void test_exhaust(size_t bytes)
{
    static const size_t sizes[] = {16, 40, 56, 72, 136, 200, 264, 300, 500, 513, 1000, 5000, 70000};
    void *mem;
    struct arena *a = open_arena(bytes, &mem);

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            size_t got = fill_with(a, sizes[i]) * sizes[i],
                   least = bytes / 50 * 41; /* 40 bytes take 48 */

            ok(got >= least - 65536 && got < bytes, "%zu KiB full of %zu: %zu bytes used",
               bytes >> 10, sizes[i], got);
        }
    munmap(mem, bytes);
}

static void test_lazy(void)
{
    size_t bytes = (size_t)4 << 30;
    void *mem;
    struct arena *a = open_arena(bytes, &mem);
    unsigned char resident[1024];
    const size_t step = sizeof resident * (size_t)getpagesize();
    size_t touched = 0;

    for (int i = 0; i < 1000; i++)
        arena_alloc(a, 100);
    for (size_t at = 0; at < bytes; at += step) {
        mincore((char *)mem + at, step, resident);
        for (size_t i = 0; i < sizeof resident; i++)
            touched += resident[i] & 1;
    }
    ok(touched < 40, "1000 objects of 100 bytes in 4 GiB touch %zu pages", touched);
    munmap(mem, bytes);
}

static size_t pages_of(struct slot *slots, int n)
{
    size_t pages = 0;

    for (int i = 0; i < n; i++) {
        bool seen = false;

        for (int j = 0; j < i && !seen; j++)
            seen = (uintptr_t)slots[i].p >> 12 == (uintptr_t)slots[j].p >> 12;
        pages += !seen;
    }
    return pages;
}

/* What a short run allocates, of sizes that each have a page of their own in use. */
static size_t short_run(struct arena *a, struct slot *slots)
{
    static const size_t sizes[] = {16, 32, 48, 64, 96, 112, 128, 192, 384};

    for (int i = 0; i < 18; i++) {
        slots[i] = (struct slot){.n = sizes[i / 2], .fill = (unsigned char)i};
        slots[i].p = arena_alloc(a, slots[i].n);
        memset(slots[i].p, slots[i].fill, slots[i].n);
    }
    return pages_of(slots, 18);
}

static void free_all(struct arena *a, struct slot *slots)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].p)
            arena_free(a, slots[i].p, slots[i].n);
    memset(slots, 0, SLOTS * sizeof *slots);
}

static void test_mix(size_t bytes)
{
    static struct slot slots[SLOTS];
    void *mem;
    struct arena *a = open_arena(bytes, &mem);
    size_t most = bytes - bytes / 16 - 65536, apart;

    ok(churn(a, slots, 20000), "%zu KiB: used before it is mixed", bytes >> 10);
    free_all(a, slots);
    apart = short_run(a, slots);
    ok(apart > 4, "%zu KiB: each size on pages of its own, %zu", bytes >> 10, apart);
    free_all(a, slots);
    arena_mix(a);
    ok(short_run(a, slots) == 1, "%zu KiB, mixed: all sizes on one page", bytes >> 10);
    ok(churn(a, slots, 400000), "%zu KiB, mixed: random work keeps every byte", bytes >> 10);
    free_all(a, slots);
    for (size_t n = 64; n <= 6400; n *= 10) {
        size_t got = fill_with(a, n) * n;

        ok(got >= most && got < bytes, "%zu KiB, mixed: full of %zu: %zu bytes used", bytes >> 10,
           n, got);
    }
    munmap(mem, bytes);
}

/* No room for mixed pages: nothing changes. */
static void test_mix_full(void)
{
    void *mem;
    struct arena *a = open_arena((size_t)128 << 10, &mem);

    while (arena_alloc(a, 1024))
        ;

    size_t left = fill_with(a, 64);

    arena_mix(a);
    ok(fill_with(a, 64) == left, "a full arena cannot be mixed, and is as it was");
    munmap(mem, (size_t)128 << 10);
}

/* A buffer that is there while something larger is made that stays, as luaL_Buffer's is. */
static void test_buffer(void)
{
    size_t bytes = (size_t)16 << 20, kept = 0;
    void *mem, *buffer;
    struct arena *a = open_arena(bytes, &mem);

    while ((buffer = arena_alloc(a, 100000)) && arena_alloc(a, 100100)) {
        kept += 100100;
        arena_free(a, buffer, 100000);
    }
    ok(kept > bytes / 10 * 9, "buffers that come and go leave no holes: %zu of %zu kept", kept,
       bytes);
    munmap(mem, bytes);
}

int main(void)
{
    void *kept;
    static _Alignas(4096) char small[4096];

    ok(arena_open(small, sizeof small, 8192, &kept) == NULL, "too small for what is kept");
    test_churn((size_t)512 << 10);
    test_churn((size_t)4 << 20);
    test_churn((size_t)64 << 20);
    test_exhaust((size_t)512 << 10);
    test_exhaust((size_t)16 << 20);
    test_mix((size_t)512 << 10);
    test_mix((size_t)16 << 20);
    test_mix_full();
    test_buffer();
    test_lazy();
    return done();
}
