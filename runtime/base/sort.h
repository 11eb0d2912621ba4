/* qsort(3) without what glibc's does beside it: above 1024 bytes it asks how much memory the host has (sysinfo(2), which no
 * monitor may call) and takes as much again from malloc(3). */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

#define SORT_SIZE_MAX 128u /* bytes of an element; a larger one aborts */

/* The COUNT elements of SIZE bytes at BASE in the order of COMPARE, which is qsort(3)'s; equal ones in any. In place, in
 * at most 2 * COUNT * log2(COUNT) comparisons. */
void sort_items(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
