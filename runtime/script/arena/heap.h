/* The C library's malloc, served from the arena; and its time(3). */
#ifndef SCRIPT_ARENA_HEAP_H
#define SCRIPT_ARENA_HEAP_H

#include <stdint.h>
#include <time.h>

struct arena;

/* From now on malloc(3) and friends use A; before, a few static KiB. */
void heap_open(struct arena *a);

/* time(3) without a system call; DRAWN instead, from heap_draw(DRAWN) until heap_draw(0): luai_makeseed() of Lua's lstate.c
 * hashes addresses from the time on, and the order in which a script meets texts tells the hash. */
time_t heap_time(time_t *out);
void heap_draw(uint64_t drawn);

#endif
