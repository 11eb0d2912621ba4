/* The C library's malloc, served from the arena; and its time(3). */
#ifndef SCRIPT_ARENA_HEAP_H
#define SCRIPT_ARENA_HEAP_H

#include <stdint.h>
#include <time.h>

struct arena;

/* Serve malloc(3) and friends from A; until then a few static KiB serve them. */
void heap_open(struct arena *a);

/* time(3) without a system call. Between heap_draw(DRAWN) and heap_draw(0) it returns DRAWN:
 * luai_makeseed() (Lua's lstate.c) hashes addresses, starting from the time, and the order in which
 * a script meets strings reveals the hash. */
time_t heap_time(time_t *out);
void heap_draw(uint64_t drawn);

/* Call F(ARG, TRIES) where malloc has no memory, for libraries that do not look: malloc tries again, and
 * calls it again, with TRIES one more than before, from 0 on, until there is some or F does not return. */
void heap_on_short(void (*f)(void *arg, int tries), void *arg);

#endif
