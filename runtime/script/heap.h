/* The C library's malloc, served from the arena; and its time(3). */
#ifndef SCRIPT_HEAP_H
#define SCRIPT_HEAP_H

#include <time.h>

struct arena;

/* From now on malloc(3) and friends use A; before, a few static KiB. */
void heap_open(struct arena *a);

/* time(3) without a system call. */
time_t heap_time(time_t *out);

#endif
