/* malloc, calloc, realloc and free from the arena: what the C library allocates (the zone's name,
 * stdio's buffers under profile "files") counts as the script's memory, and no brk(2) or mmap(2)
 * happens under the filter. The C library allows a program to replace these functions. Also
 * time(3), because a static glibc does not take it from the vDSO: the linker redirects its callers
 * here (INSTEAD in the Makefile). */
#include "runtime/script/arena/heap.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/script/arena/arena.h"

#define HEAD 16u /* holds the size; keeps the alignment */

#define EARLY 8192

static struct arena *heap;
static void (*on_short)(void *arg, int tries);
static void *on_short_arg;

/* A static glibc builds the search path of dlopen(3) before main, and ends the process if it
 * cannot. */
static _Alignas(16) char early[EARLY];
static size_t early_used;

static void *early_alloc(size_t n)
{
    size_t size = (n + 15) & ~(size_t)15;
    void *p = early + early_used;

    if (n > EARLY || size > EARLY - early_used)
        return NULL;
    early_used += size;
    return p;
}

static int is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + EARLY;
}

static void *heap_take(size_t n)
{
    return heap ? arena_alloc(heap, n) : early_alloc(n);
}

void heap_on_short(void (*f)(void *arg, int tries), void *arg)
{
    on_short = f;
    on_short_arg = arg;
}

/* Whether to try again. */
static int heap_short(int tries)
{
    if (on_short)
        on_short(on_short_arg, tries);
    errno = ENOMEM;
    return on_short != NULL;
}

void heap_open(struct arena *a)
{
    heap = a;
}

void *malloc(size_t n)
{
    size_t *head;
    int tries = 0;

    do
        head = n < SIZE_MAX - HEAD ? heap_take(n + HEAD) : NULL;
    while (!head && heap_short(tries++));
    if (!head)
        return NULL;
    *head = n;
    return (char *)head + HEAD;
}

void free(void *p)
{
    if (!p || is_early(p))
        return;

    size_t *head = (size_t *)(void *)((char *)p - HEAD);

    arena_free(heap, head, *head + HEAD);
}

void *calloc(size_t count, size_t size)
{
    size_t n;
    void *p = __builtin_mul_overflow(count, size, &n) ? NULL : malloc(n);

    return p ? memset(p, 0, n) : NULL;
}

void *realloc(void *p, size_t n)
{
    if (!p)
        return malloc(n);

    size_t *head = (size_t *)(void *)((char *)p - HEAD), *moved;
    int tries = 0;

    if (is_early(p)) {
        void *copy = malloc(n);

        return copy ? memcpy(copy, p, n < *head ? n : *head) : NULL;
    }
    do
        moved = n < SIZE_MAX - HEAD ? arena_resize(heap, head, *head + HEAD, n + HEAD) : NULL;
    while (!moved && heap_short(tries++));
    if (!moved)
        return NULL;
    *moved = n;
    return (char *)moved + HEAD;
}

static uint64_t instead;

void heap_draw(uint64_t drawn)
{
    instead = drawn;
}

time_t heap_time(time_t *out)
{
    struct timespec now = {.tv_sec = (time_t)instead};

    if (!instead)
        clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
