/* Two-level segregated fit over one contiguous range: see blocks.h. A block knows its size and the
 * block before it; the next one begins where it ends. There is no sentinel at the end of the range,
 * because writing one would touch the arena's last page. */
#include "runtime/script/arena/blocks.h"

#include "schemas/setup.h"

#define FREE      ((size_t)1)
#define GRAIN     16u
#define SMALL     256u /* smaller sizes: one list per multiple of GRAIN, all in row 0 */
#define LOG_SMALL 8

struct block {
    struct block *before;      /* ends where this one begins; NULL for the first */
    size_t size;               /* payload bytes, a multiple of GRAIN; bit 0: FREE */
    struct block *next, *prev; /* while free, in the payload */
};

_Static_assert(offsetof(struct block, next) == BLOCK_HEADER, "links lie in the payload");

struct place {
    unsigned row, col;
};

static unsigned log2_of(size_t n)
{
    return (unsigned)(63 - __builtin_clzl(n));
}

static struct place blocks_place_of(size_t size)
{
    if (size < SMALL)
        return (struct place){0, (unsigned)(size / GRAIN)};

    unsigned log = log2_of(size), row = log - LOG_SMALL + 1;

    if (row >= BLOCK_ROWS)
        return (struct place){BLOCK_ROWS - 1, BLOCK_COLS - 1};
    return (struct place){row, (unsigned)(size >> (log - 4)) & (BLOCK_COLS - 1)};
}

static size_t size_of(const struct block *b)
{
    return b->size & ~FREE;
}

static char *payload(struct block *b)
{
    return (char *)b + BLOCK_HEADER;
}

static struct block *block_of(void *p)
{
    return (struct block *)(void *)((char *)p - BLOCK_HEADER);
}

static struct block *after(const struct blocks *t, struct block *b)
{
    char *next = payload(b) + size_of(b);

    return next < t->end ? (struct block *)(void *)next : NULL;
}

static void link_free(struct blocks *t, struct block *b)
{
    struct place p = blocks_place_of(size_of(b));
    struct block **head = &t->list[p.row][p.col];

    b->size |= FREE;
    b->prev = NULL;
    b->next = *head;
    if (*head)
        (*head)->prev = b;
    *head = b;
    t->rows |= 1u << p.row;
    t->cols[p.row] = (uint16_t)(t->cols[p.row] | 1u << p.col);
}

static void unlink_free(struct blocks *t, struct block *b)
{
    struct place p = blocks_place_of(size_of(b));

    if (b->next)
        b->next->prev = b->prev;
    if (b->prev) {
        b->prev->next = b->next;
    } else {
        t->list[p.row][p.col] = b->next;
        if (!b->next)
            t->cols[p.row] = (uint16_t)(t->cols[p.row] & ~(1u << p.col));
        if (!t->cols[p.row])
            t->rows &= ~(1u << p.row);
    }
    b->size &= ~FREE;
}

/* Cut B to SIZE payload bytes. The rest, at least a header and a grain, becomes the block
 * returned. */
static struct block *split(struct blocks *t, struct block *b, size_t size)
{
    struct block *next = after(t, b), *rest = (struct block *)(void *)(payload(b) + size);

    rest->before = b;
    rest->size = size_of(b) - size - BLOCK_HEADER;
    b->size = size | (b->size & FREE);
    if (next)
        next->before = rest;
    return rest;
}

/* Like split(), but NULL if the rest is too small for a block. */
static struct block *cut(struct blocks *t, struct block *b, size_t size)
{
    return size_of(b) - size < BLOCK_HEADER + GRAIN ? NULL : split(t, b, size);
}

/* Merge the free neighbour after B into B. */
static void absorb(struct blocks *t, struct block *b, struct block *next)
{
    unlink_free(t, next);
    b->size += BLOCK_HEADER + size_of(next);
    next = after(t, b);
    if (next)
        next->before = b;
}

static void release(struct blocks *t, struct block *b)
{
    struct block *next = after(t, b);

    if (next && next->size & FREE)
        absorb(t, b, next);
    if (b->before && b->before->size & FREE) {
        struct block *before = b->before;

        unlink_free(t, before);
        before->size += BLOCK_HEADER + size_of(b);
        next = after(t, before);
        if (next)
            next->before = before;
        b = before;
    }
    link_free(t, b);
}

/* Where a page-aligned payload would start in B: at its own start, or far enough in to leave a
 * block before it. */
static char *page_in(struct block *b)
{
    uintptr_t at = (uintptr_t)payload(b),
              page = (at + ARENA_PAGE - 1) & ~(uintptr_t)(ARENA_PAGE - 1);

    if (page != at && page - at < BLOCK_HEADER + GRAIN)
        page += ARENA_PAGE;
    return (char *)page;
}

static bool blocks_fits(struct block *b, size_t size, bool paged)
{
    char *at = paged ? page_in(b) : payload(b);

    return (size_t)(at - payload(b)) + size <= size_of(b);
}

/* Nearly full: no list guarantees a fit, but single blocks of these lists may fit. */
static struct block *search(struct blocks *t, size_t size, bool paged)
{
    struct place p = blocks_place_of(size);

    for (unsigned row = p.row; row < BLOCK_ROWS; row++)
        for (unsigned col = row == p.row ? p.col : 0; col < BLOCK_COLS; col++)
            for (struct block *b = t->list[row][col]; b; b = b->next)
                if (blocks_fits(b, size, paged))
                    return b;
    return NULL;
}

static struct block *blocks_find(struct blocks *t, size_t size, bool paged)
{
    size_t want = size + (paged ? ARENA_PAGE + BLOCK_HEADER + GRAIN : 0);
    struct place own = blocks_place_of(want);
    struct block *last = t->list[own.row][own.col];

    /* The one that was freed last: else a buffer that comes and goes, beside what is kept, would leave
     * a hole each time. */
    if (last && !paged && size_of(last) >= size)
        return last;
    /* Round up to the next list whose blocks are all large enough. */
    if (want >= SMALL)
        want += ((size_t)1 << (log2_of(want) - 4)) - 1;

    struct place p = blocks_place_of(want);
    unsigned row = p.row, cols = t->cols[row] & (~0u << p.col);

    if (!cols) {
        uint32_t rows = row + 1 < BLOCK_ROWS ? t->rows & (~0u << (row + 1)) : 0;

        if (!rows)
            return search(t, size, paged);
        row = (unsigned)__builtin_ctz(rows);
        cols = t->cols[row];
    }
    return t->list[row][__builtin_ctz(cols)];
}

void blocks_open(struct blocks *t, char *begin, char *end)
{
    struct block *b = (struct block *)(void *)begin;

    t->begin = begin;
    t->end = begin + ((size_t)(end - begin) & ~(size_t)(GRAIN - 1));
    b->before = NULL;
    b->size = (size_t)(t->end - begin) - BLOCK_HEADER;
    link_free(t, b);
}

/* The last block of the range. */
static struct block *top(const struct blocks *t)
{
    struct block *last = (struct block *)(void *)t->begin;

    for (struct block *next = after(t, last); next; next = after(t, last))
        last = next;
    return last;
}

void blocks_lower(struct blocks *t, char *end)
{
    struct block *last = top(t);

    if (!(last->size & FREE))
        return;
    if (end < payload(last) + GRAIN)
        end = payload(last) + GRAIN;
    if (end >= t->end)
        return;
    unlink_free(t, last);
    last->size = (size_t)(end - payload(last));
    t->end = end;
    link_free(t, last);
}

static void *blocks_take(struct blocks *t, struct block *b, size_t size)
{
    struct block *rest = cut(t, b, size);

    if (rest)
        link_free(t, rest);
    return payload(b);
}

static size_t round_up(size_t n)
{
    return n < GRAIN ? GRAIN : (n + GRAIN - 1) & ~(size_t)(GRAIN - 1);
}

void *blocks_alloc(struct blocks *t, size_t n)
{
    if (n > (size_t)1 << 46)
        return NULL;

    size_t size = round_up(n);
    struct block *b = blocks_find(t, size, false);

    if (!b)
        return NULL;
    unlink_free(t, b);
    return blocks_take(t, b, size);
}

void *blocks_alloc_pages(struct blocks *t, size_t pages)
{
    size_t size = pages * ARENA_PAGE - BLOCK_HEADER;
    struct block *b = blocks_find(t, size, true);

    if (!b)
        return NULL;
    unlink_free(t, b);

    char *at = page_in(b);

    if (at != payload(b)) {
        struct block *front = b;

        b = split(t, front, (size_t)(at - payload(front)) - BLOCK_HEADER);
        link_free(t, front);
    }
    return blocks_take(t, b, size);
}

void blocks_free(struct blocks *t, void *p)
{
    release(t, block_of(p));
}

bool blocks_resize(struct blocks *t, void *p, size_t n)
{
    struct block *b = block_of(p), *next = after(t, b);
    size_t size = round_up(n);

    if (size > size_of(b)) {
        if (!next || !(next->size & FREE) || size_of(b) + BLOCK_HEADER + size_of(next) < size)
            return false;
        absorb(t, b, next);
    }

    struct block *rest = cut(t, b, size);

    if (rest)
        release(t, rest);
    return true;
}
