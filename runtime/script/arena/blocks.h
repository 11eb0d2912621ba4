/* Large blocks of an arena: two-level segregated fit (Masmano et al., "TLSF", ECRTS 2004). Every
 * operation but blocks_lower() is O(1) until the arena is nearly full; neighbours coalesce
 * immediately. Trusts its caller; never makes a system call and never touches a page before it
 * hands out a block there. */
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

/* Make BEGIN (16-aligned) to END one free block. T must be zeroed. */
void blocks_open(struct blocks *t, char *begin, char *end);

/* Lower the end to END (16-aligned), or to just after the last block in use if that is higher. */
void blocks_lower(struct blocks *t, char *end);

/* Allocate N bytes, 16-aligned, or return NULL. */
void *blocks_alloc(struct blocks *t, size_t n);

/* Allocate PAGES whole pages, page-aligned, less BLOCK_HEADER bytes at their end (the next block's
 * header lies there, so that such allocations pack), or return NULL. */
void *blocks_alloc_pages(struct blocks *t, size_t pages);

void blocks_free(struct blocks *t, void *p);

/* Resize P to N bytes in place: true, or false with nothing changed. Shrinking never fails. */
bool blocks_resize(struct blocks *t, void *p, size_t n);

#endif
