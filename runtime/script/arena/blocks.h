/* Large blocks of an arena: two-level segregated fit (Masmano et al., "TLSF", ECRTS 2004). Every
 * operation is O(1) until the arena is nearly full; neighbours coalesce at once. Trusts its caller;
 * never makes a system call and never touches a page before a block that lies in it is handed out.
 */
#ifndef SCRIPT_ARENA_BLOCKS_H
#define SCRIPT_ARENA_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_HEADER 16u
#define BLOCK_ROWS   32
#define BLOCK_COLS   16

struct block;

struct blocks {
    char *begin, *end;
    uint32_t rows; /* bit r: some list of row r is not empty */
    uint16_t cols[BLOCK_ROWS];
    struct block *list[BLOCK_ROWS][BLOCK_COLS];
};

/* Make one free block of BEGIN (16-aligned) to END. T is zeroed before. */
void blocks_open(struct blocks *t, char *begin, char *end);

/* End at END (16-aligned) instead, or behind the last block in use where that is later. */
void blocks_lower(struct blocks *t, char *end);

/* N bytes, 16-aligned, or NULL. */
void *blocks_alloc(struct blocks *t, size_t n);

/* PAGES whole pages less BLOCK_HEADER bytes at their end (the next block's header lies there, so
 * that such allocations pack), page-aligned, or NULL. */
void *blocks_alloc_pages(struct blocks *t, size_t pages);

void blocks_free(struct blocks *t, void *p);

/* Make P hold N bytes without moving it: true, or false and nothing changed. Shrinking never fails.
 */
bool blocks_resize(struct blocks *t, void *p, size_t n);

#endif
