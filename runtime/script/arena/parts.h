/* What arena.c and scavenge.c share: slabs of small objects over large blocks. */
#ifndef SCRIPT_ARENA_PARTS_H
#define SCRIPT_ARENA_PARTS_H

#include <stdint.h>

#include "runtime/script/arena/arena.h"
#include "runtime/script/arena/blocks.h"
#include "schemas/setup.h"

#define SMALL_MAX 512u /* larger objects: a block of their own, whose header is at most 1/32 */
#define CLASSES   24   /* 16..128 by 16, 144..256 by 16, 288..512 by 32: waste is at most 1/8 */
#define TWO_PAGES 256u /* larger classes use slabs of two pages, for the same bound */
#define TAIL      255  /* owner[] of a slab's second page */
#define MIXED     254  /* owner[] of a page of arena_mix() */

struct object {
    struct object *next;
};

struct range {
    char *at, *end;
};

struct arena {
    struct object *free[CLASSES];
    struct range fresh[CLASSES]; /* of the newest slab: objects never used yet */
    struct range below[CLASSES]; /* and those before its starting offset */
    unsigned color;
    void (*grown)(void *arg); /* arena_watch() */
    void (*spent)(void *arg, size_t old, size_t new);
    void *watch_arg;
    size_t resizing, wanted; /* while arena_lua() resizes: old and new size in bytes; else 0 */
    unsigned slabs;
    struct blocks blocks;
    char *base;      /* page-aligned start of the range */
    uint8_t *owner;  /* for each page: 1 + class of the slab that starts there, TAIL, MIXED, or 0 */
    uint16_t *count; /* for each page: free objects of its slab; used only by arena_scavenge() */
};

static inline size_t class_size(unsigned class)
{
    return class < 16 ? (class + 1) * 16u : 256u + (class - 15) * 32u;
}

static inline size_t slab_pages(unsigned class)
{
    return class_size(class) > TWO_PAGES ? 2 : 1;
}

static inline size_t slab_objects(unsigned class)
{
    return (slab_pages(class) * ARENA_PAGE - BLOCK_HEADER) / class_size(class);
}

static inline size_t page_of(const struct arena *a, const void *p)
{
    return (size_t)((const char *)p - a->base) / ARENA_PAGE;
}

#endif
