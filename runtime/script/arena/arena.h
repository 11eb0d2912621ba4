/* The memory of a script: one range, reserved before the filter closes the door, and every byte
 * that Lua, the setup and libc's malloc use lies in it. Small objects come from slabs of one size
 * class, without headers (Lua says how large what it frees is); large ones from blocks.h. Never
 * grows. */
#ifndef SCRIPT_ARENA_ARENA_H
#define SCRIPT_ARENA_ARENA_H

#include <stddef.h>

#define ARENA_HEAD 8192u /* bytes at its begin that any use of it touches */

struct arena;

/* Lay an arena out in the BYTES at MEM (page-aligned, zeroed). *KEPT: KEEP bytes of it, 16-aligned,
 * for the caller. NULL where BYTES is too little for that. */
struct arena *arena_open(void *mem, size_t bytes, size_t keep, void **kept);

/* From now on the next objects of all sizes lie together on few pages, and not each size on pages of its own:
 * for a template, since each of its boxes gets a copy of every page that it writes. */
void arena_mix(struct arena *a);

/* Let the arena end at BYTES from its start, where that is less than now, or behind the last byte in use,
 * where that is more. */
void arena_lower(struct arena *a, size_t bytes);

#define ARENA_WATCH_EVERY 16u /* slabs */

/* From now on GROWN(ARG) is called where ARENA_WATCH_EVERY more slabs of new objects were needed, and SPENT(ARG, OLD, NEW) whenever
 * the arena has not what it is asked for: OLD is 0, or the bytes of what arena_lua() was to make NEW. Neither asks for
 * anything itself. */
void arena_watch(struct arena *a, void (*grown)(void *arg),
                 void (*spent)(void *arg, size_t old, size_t new), void *arg);

/* N > 0 bytes, 16-aligned, or NULL: what is free is too little or too scattered. */
void *arena_alloc(struct arena *a, size_t n);

/* P is from arena_alloc() or arena_resize(), N what was asked for then. */
void arena_free(struct arena *a, void *p, size_t n);

/* Like realloc(3), of P with OLD bytes. NULL: P still stands. Never fails where NEW <= OLD. */
void *arena_resize(struct arena *a, void *p, size_t old, size_t new);

/* lua_Alloc (Lua 5.4 manual, 4.6); UD is the arena. */
void *arena_lua(void *ud, void *p, size_t osize, size_t nsize);

/* Give slabs without a used object back to the large blocks. Returns how many pieces came free. */
size_t arena_scavenge(struct arena *a);

#endif
