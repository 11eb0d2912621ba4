/* Last resort of an exhausted arena: slabs that turn out to be wholly free become large blocks
 * again. Walks the free lists, the only record of what is in use; never makes a system call. */
#include "runtime/script/arena/parts.h"

/* The first page of the slab that holds O; an object in its own block is on a page without an
 * owner. */
static size_t home(const struct arena *a, const struct object *o)
{
    size_t page = page_of(a, o);

    return a->owner[page] == TAIL ? page - 1 : page;
}

/* Return the objects that shrink() left in the list of CLASS to their origin; those on a page of
 * arena_mix() have no other home. Returns the number of blocks freed. */
static size_t send_home(struct arena *a, unsigned class)
{
    struct object **link = &a->free[class];
    size_t given = 0;

    for (struct object *o = *link; o; o = *link) {
        unsigned owner = a->owner[home(a, o)];

        if (owner == class + 1 || owner == MIXED) {
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

/* Remove from the list of CLASS the objects of wholly free slabs, and free each of these slabs
 * once. */
static size_t sweep(struct arena *a, unsigned class)
{
    struct object **link = &a->free[class], *dead = NULL;
    size_t whole = slab_objects(class), given = 0;

    for (struct object *o = *link; o; o = *link) {
        size_t page = home(a, o);

        if (a->count[page] != whole || a->owner[page] == MIXED) {
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
