/* qsort(3) without glibc's side effects: above 1024 bytes glibc asks for the host's memory size
 * (sysinfo(2), which a monitor may not call) and allocates the array's size with malloc(3). */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

#define SORT_SIZE_MAX 128u /* bytes of an element; a larger one aborts */

/* Sort the COUNT elements of SIZE bytes at BASE by COMPARE, as in qsort(3); not stable. In place,
 * with at most 2 * COUNT * log2(COUNT) comparisons. */
void sort_items(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
