/* Slabs of small objects over large blocks. The fast paths are one list operation: nothing counts a
 * slab's used objects. Only an exhausted arena walks the free lists and returns wholly free slabs.
 * Trusts its caller (Lua) for sizes; never makes a system call. */
#include <string.h>

#include "runtime/script/arena/parts.h"

#define COLOR_STEP 704u  /* bytes: 11 cache lines */
#define COLOR_MAX  2560u /* so that a slab starts in its first page, whatever its class */

#define MIXED_PAGES 2u

/* Objects of each class on a page of arena_mix(): about what a short run allocates. */
static const uint8_t mixed_count[CLASSES] = {10, 14, 13, 12, 2, 3, 2, 2, 0, 0, 0, 2, [19] = 2};

/* (size + 15) / 16 -> class */
static const uint8_t class_of[SMALL_MAX / 16 + 1] = {0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                                     10, 11, 12, 13, 14, 15, 16, 16, 17, 17, 18,
                                                     18, 19, 19, 20, 20, 21, 21, 22, 22, 23, 23};

static inline unsigned class_for(size_t n)
{
    return class_of[(n + 15) / 16];
}

struct arena *arena_open(void *mem, size_t bytes, size_t keep, void **kept)
{
    struct arena *a = mem;
    size_t pages = bytes / ARENA_PAGE, head = (sizeof *a + 15) & ~(size_t)15;
    size_t owners = (pages + 15) & ~(size_t)15, counts = (pages * 2 + 15) & ~(size_t)15;
    size_t keeps = (keep + 15) & ~(size_t)15;

    if (keeps < keep || keeps > bytes || head + owners + counts + ARENA_PAGE > bytes - keeps)
        return NULL;
    a->base = mem;
    a->owner = (uint8_t *)mem + head;
    a->count = (uint16_t *)(void *)((char *)mem + head + owners);
    *kept = (char *)mem + head + owners + counts;
    blocks_open(&a->blocks, (char *)*kept + keeps, (char *)mem + bytes);
    return a;
}

void arena_lower(struct arena *a, size_t bytes)
{
    if (bytes < (size_t)(a->blocks.end - a->base))
        blocks_lower(&a->blocks, a->base + (bytes & ~(size_t)15));
}

void arena_watch(struct arena *a, void (*grown)(void *arg),
                 void (*spent)(void *arg, size_t old, size_t new), void *arg)
{
    a->grown = grown;
    a->spent = spent;
    a->watch_arg = arg;
}

static void tell_spent(const struct arena *a)
{
    if (a->spent)
        a->spent(a->watch_arg, a->resizing, a->wanted);
}

static void tell_grown(struct arena *a)
{
    if (a->grown && !a->resizing && ++a->slabs % ARENA_WATCH_EVERY == 0)
        a->grown(a->watch_arg);
}

static void *block_alloc(struct arena *a, size_t n)
{
    void *p = blocks_alloc(&a->blocks, n);

    if (!p && arena_scavenge(a))
        p = blocks_alloc(&a->blocks, n);
    if (!p)
        tell_spent(a);
    return p;
}

/* Make a new slab for CLASS. It starts at a different offset in its page than the previous slab: if
 * all slabs were used from their first byte on, a loop's stores and loads would share their low
 * twelve address bits, which the processor takes for one address (4K aliasing; n-body runs 10 %
 * slower). */
static int fresh_slab(struct arena *a, unsigned class)
{
    size_t size = class_size(class), pages = slab_pages(class);
    char *slab = blocks_alloc_pages(&a->blocks, pages), *start;

    if (!slab && arena_scavenge(a))
        slab = blocks_alloc_pages(&a->blocks, pages);
    if (!slab) {
        tell_spent(a);
        return -1;
    }
    a->owner[page_of(a, slab)] = (uint8_t)(class + 1);
    if (pages == 2)
        a->owner[page_of(a, slab) + 1] = TAIL;
    a->color = (a->color + COLOR_STEP) % COLOR_MAX;
    start = slab + a->color / size * size;
    a->fresh[class] = (struct range){start, slab + slab_objects(class) * size};
    a->below[class] = (struct range){slab, start};
    tell_grown(a);
    return 0;
}

/* The free list of CLASS is empty: take a never-used object, from a new slab if necessary. */
static void *fresh_object(struct arena *a, unsigned class)
{
    struct range *fresh = &a->fresh[class], *below = &a->below[class];

    if (fresh->at == fresh->end) {
        *fresh = *below;
        below->at = below->end;
    }
    if (fresh->at == fresh->end && fresh_slab(a, class))
        return NULL;

    void *p = fresh->at;

    fresh->at += class_size(class);
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > SMALL_MAX)
        return block_alloc(a, n);

    unsigned class = class_for(n);
    struct object *o = a->free[class];

    if (__builtin_expect(o == NULL, 0))
        return fresh_object(a, class);
    a->free[class] = o->next;
    return o;
}

void arena_free(struct arena *a, void *p, size_t n)
{
    if (n > SMALL_MAX) {
        blocks_free(&a->blocks, p);
        return;
    }

    unsigned class = class_for(n);
    struct object *o = p;

    o->next = a->free[class];
    a->free[class] = o;
}

/* P cannot move and need not: it is larger than NEW. If it shrinks to a small size in its own block
 * or in a slab of larger objects, freeing it puts it on the list of its new class, where it serves
 * until arena_scavenge() returns it to its origin. */
static void *shrink(struct arena *a, void *p, size_t old, size_t new)
{
    if (old > SMALL_MAX)
        blocks_resize(&a->blocks, p, new > SMALL_MAX ? new : class_size(class_for(new)));
    return p;
}

void *arena_resize(struct arena *a, void *p, size_t old, size_t new)
{
    if (old <= SMALL_MAX && new <= SMALL_MAX && class_for(old) == class_for(new))
        return p;
    if (old > SMALL_MAX && new > SMALL_MAX && blocks_resize(&a->blocks, p, new))
        return p;

    void *moved = arena_alloc(a, new);

    if (!moved)
        return new <= old ? shrink(a, p, old, new) : NULL;
    memcpy(moved, p, old < new ? old : new);
    arena_free(a, p, old);
    return moved;
}

static void *resize_noted(struct arena *a, void *p, size_t old, size_t new)
{
    a->resizing = old;
    a->wanted = new;
    p = arena_resize(a, p, old, new);
    a->resizing = a->wanted = 0;
    return p;
}

void *arena_lua(void *ud, void *p, size_t osize, size_t nsize)
{
    if (!p)
        return nsize ? arena_alloc(ud, nsize) : NULL;
    if (nsize)
        return resize_noted(ud, p, osize, nsize);
    arena_free(ud, p, osize);
    return NULL;
}

static void mix_page(struct arena *a, char *page)
{
    char *end = page + ARENA_PAGE - BLOCK_HEADER;

    a->owner[page_of(a, page)] = MIXED;
    for (unsigned class = 0; class < CLASSES; class ++)
        for (unsigned n = mixed_count[class]; n && page + class_size(class) <= end; n--) {
            arena_free(a, page, class_size(class));
            page += class_size(class);
        }
}

/* Put the new objects at the head of the free lists, so that free objects on older pages are used
 * only after them; the last page first, for the same reason. Without memory, change nothing. */
void arena_mix(struct arena *a)
{
    char *pages = blocks_alloc_pages(&a->blocks, MIXED_PAGES);

    if (!pages)
        return;
    for (unsigned i = MIXED_PAGES; i > 0; i--)
        mix_page(a, pages + (i - 1) * (size_t)ARENA_PAGE);
}
