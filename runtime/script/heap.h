/* The C library's malloc, served from the arena. */
#ifndef SCRIPT_HEAP_H
#define SCRIPT_HEAP_H

struct arena;

/* From now on malloc(3) and friends use A; before, a few static KiB. */
void heap_open(struct arena *a);

#endif
