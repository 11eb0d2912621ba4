/* Slabs of small objects over large blocks. The fast paths are one list operation: nothing counts
 * what is used in a slab. Only when the arena is exhausted are the free lists walked and slabs that
 * turn out to be wholly free given back. Trusts its caller (Lua) for sizes; never makes a system
 * call. */
#include "runtime/script/arena.h"

#include <stdint.h>
#include <string.h>

#include "runtime/script/blocks.h"

#define SMALL_MAX \
    512u                /* larger objects: a block of their own, whose header is then at most 1/32 \
                        */
#define CLASSES    24   /* 16..128 by 16, 144..256 by 16, 288..512 by 32: waste is at most 1/8 */
#define TWO_PAGES  256u /* classes above it take slabs of two pages, for the same bound */
#define COLOR_STEP 704u /* bytes: 11 cache lines */
#define COLOR_MAX  2560u /* so that a slab begins in its first page, whatever its class */
#define SPARE      (3 * (size_t)ARENA_PAGE) /* what a short script needs beyond what is there */
#define TAIL       255                      /* owner[] of a slab's second page */

struct object {
    struct object *next;
};

struct range {
    char *at, *end;
};

struct arena {
    struct object *free[CLASSES];
    struct range fresh[CLASSES]; /* of the newest slab: objects never used yet */
    struct range below[CLASSES]; /* and those before where it was begun */
    unsigned color;
    struct blocks blocks;
    char *base;      /* page-aligned start of the range */
    uint8_t *owner;  /* for each page: 1 + class of the slab that begins there, TAIL, or 0 */
    uint16_t *count; /* for each page: free objects of its slab; used by arena_scavenge() alone */
};

/* (size + 15) / 16 -> class */
static const uint8_t class_of[SMALL_MAX / 16 + 1] = {0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                                     10, 11, 12, 13, 14, 15, 16, 16, 17, 17, 18,
                                                     18, 19, 19, 20, 20, 21, 21, 22, 22, 23, 23};

static inline unsigned class_for(size_t n)
{
    return class_of[(n + 15) / 16];
}

static inline size_t class_size(unsigned class)
{
    return class < 16 ? (class + 1) * 16u : 256u + (class - 15) * 32u;
}

static inline size_t slab_pages(unsigned class)
{
    return class_size(class) > TWO_PAGES ? 2 : 1;
}

static size_t slab_objects(unsigned class)
{
    return (slab_pages(class) * ARENA_PAGE - BLOCK_HEADER) / class_size(class);
}

static size_t page_of(const struct arena *a, const void *p)
{
    return (size_t)((const char *)p - a->base) / ARENA_PAGE;
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

void *arena_busy(const struct arena *a, size_t *bytes)
{
    char *from = a->base + (size_t)(a->blocks.begin - a->base) / ARENA_PAGE * ARENA_PAGE;
    size_t used = (size_t)(blocks_top(&a->blocks) - from) / ARENA_PAGE * ARENA_PAGE + SPARE;

    *bytes = used < (size_t)(a->blocks.end - from) ? used : 0;
    return from;
}

void arena_lower(struct arena *a, size_t bytes)
{
    if (bytes < (size_t)(a->blocks.end - a->base))
        blocks_lower(&a->blocks, a->base + (bytes & ~(size_t)15));
}

static void *block_alloc(struct arena *a, size_t n)
{
    void *p = blocks_alloc(&a->blocks, n);

    return p || !arena_scavenge(a) ? p : blocks_alloc(&a->blocks, n);
}

/* A new slab for CLASS. It is begun at another place in its page than the one before it was: were all slabs
 * used from their first byte on, what a loop stores and what it loads would share their low twelve address
 * bits, which the processor takes for one address (n-body runs 10 % slower so). */
static int fresh_slab(struct arena *a, unsigned class)
{
    size_t size = class_size(class), pages = slab_pages(class);
    char *slab = blocks_alloc_pages(&a->blocks, pages), *start;

    if (!slab && arena_scavenge(a))
        slab = blocks_alloc_pages(&a->blocks, pages);
    if (!slab)
        return -1;
    a->owner[page_of(a, slab)] = (uint8_t)(class + 1);
    if (pages == 2)
        a->owner[page_of(a, slab) + 1] = TAIL;
    a->color = (a->color + COLOR_STEP) % COLOR_MAX;
    start = slab + a->color / size * size;
    a->fresh[class] = (struct range){start, slab + slab_objects(class) * size};
    a->below[class] = (struct range){slab, start};
    return 0;
}

/* The free list of CLASS is empty: an object that was never used, of a new slab where there is none. */
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

/* P cannot move, and need not: it is larger than NEW. Where it becomes small in a block of its own,
 * or in a slab of larger objects, freeing it puts it in the list of its new class, which serves
 * until arena_scavenge() sends such guests home. */
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

void *arena_lua(void *ud, void *p, size_t osize, size_t nsize)
{
    if (!p)
        return nsize ? arena_alloc(ud, nsize) : NULL;
    if (nsize)
        return arena_resize(ud, p, osize, nsize);
    arena_free(ud, p, osize);
    return NULL;
}

/* The page where the slab that holds O begins; a block of its own is in a page without an owner. */
static size_t home(const struct arena *a, const struct object *o)
{
    size_t page = page_of(a, o);

    return a->owner[page] == TAIL ? page - 1 : page;
}

/* Objects in the list of CLASS that shrink() left there go back to where they are from. */
static size_t send_home(struct arena *a, unsigned class)
{
    struct object **link = &a->free[class];
    size_t given = 0;

    for (struct object *o = *link; o; o = *link) {
        unsigned owner = a->owner[home(a, o)];

        if (owner == class + 1) {
            link = &o->next;
            continue;
        }
        *link = o->next;
        if (owner) {
            o->next = a->free[owner - 1];
            a->free[owner - 1] = o;
        } else {
            blocks_free(&a->blocks, o);
            given++;
        }
    }
    return given;
}

static void retire(struct arena *a, struct range *unused, size_t size)
{
    for (; unused->at != unused->end; unused->at += size)
        arena_free(a, unused->at, size);
}

/* Drop from the list of CLASS what lies in wholly free slabs, and free each of these slabs once. */
static size_t sweep(struct arena *a, unsigned class)
{
    struct object **link = &a->free[class], *dead = NULL;
    size_t whole = slab_objects(class), given = 0;

    for (struct object *o = *link; o; o = *link) {
        size_t page = home(a, o);

        if (a->count[page] != whole) {
            link = &o->next;
            continue;
        }
        *link = o->next;
        if ((char *)o == a->base + page * ARENA_PAGE) {
            o->next = dead;
            dead = o;
        }
    }
    for (struct object *next; dead; dead = next, given++) {
        size_t page = page_of(a, dead);

        next = dead->next;
        a->owner[page] = 0;
        if (slab_pages(class) == 2)
            a->owner[page + 1] = 0;
        blocks_free(&a->blocks, dead);
    }
    return given;
}

size_t arena_scavenge(struct arena *a)
{
    size_t given = 0;

    for (unsigned class = 0; class < CLASSES; class ++) {
        retire(a, &a->fresh[class], class_size(class));
        retire(a, &a->below[class], class_size(class));
        given += send_home(a, class);
    }
    for (unsigned class = 0; class < CLASSES; class ++) {
        for (struct object *o = a->free[class]; o; o = o->next)
            a->count[home(a, o)] = 0;
        for (struct object *o = a->free[class]; o; o = o->next)
            a->count[home(a, o)]++;
        given += sweep(a, class);
    }
    return given;
}
