/* The memory of a script: one range, reserved before the seccomp filter is loaded, which holds
 * every byte that Lua, the setup and libc's malloc use. Small objects come from slabs of one size
 * class, without headers (Lua passes the size when it frees); large ones from blocks.h. Never
 * grows. */
#ifndef SCRIPT_ARENA_ARENA_H
#define SCRIPT_ARENA_ARENA_H

#include <stddef.h>

#define ARENA_HEAD 8192u /* bytes at its start that any use touches */

struct arena;

/* Lay out an arena in the BYTES at MEM (page-aligned, zeroed). *KEPT: KEEP bytes of it, 16-aligned,
 * for the caller. NULL if BYTES is too small. */
struct arena *arena_open(void *mem, size_t bytes, size_t keep, void **kept);

/* Place the next objects of all sizes together on few pages, instead of each size on its own pages:
 * for a template, since each of its boxes copies every page that it writes. */
void arena_mix(struct arena *a);

/* Lower the arena's end to BYTES from its start, or to just after the last block in use if that is
 * higher. Never raises it. */
void arena_lower(struct arena *a, size_t bytes);

#define ARENA_WATCH_EVERY 16u /* slabs */

/* Call GROWN(ARG) after every ARENA_WATCH_EVERY new slabs, and SPENT(ARG, OLD, NEW) whenever an
 * allocation fails: OLD is 0, or the old size of the object that arena_lua() was to resize to NEW.
 * Neither may allocate. */
void arena_watch(struct arena *a, void (*grown)(void *arg),
                 void (*spent)(void *arg, size_t old, size_t new), void *arg);

/* Allocate N > 0 bytes, 16-aligned. NULL if free memory is too small or too fragmented. */
void *arena_alloc(struct arena *a, size_t n);

/* Free P, from arena_alloc() or arena_resize(); N is the size that was requested. */
void arena_free(struct arena *a, void *p, size_t n);

/* Like realloc(3), of P with OLD bytes. On NULL, P is unchanged. Never fails if NEW <= OLD. */
void *arena_resize(struct arena *a, void *p, size_t old, size_t new);

/* lua_Alloc (Lua 5.4 manual, 4.6); UD is the arena. */
void *arena_lua(void *ud, void *p, size_t osize, size_t nsize);

/* Return slabs without a used object to the large blocks. Returns the number of blocks freed. */
size_t arena_scavenge(struct arena *a);

#endif
