/* Sorting member names. glibc's qsort(3) calls malloc(3), and sysconf(3) to size its buffer. */
#ifndef SCRIPT_CORE_SORT_H
#define SCRIPT_CORE_SORT_H

#include <stddef.h>

struct name {
    const char *at;
    size_t n;
};

/* Sort bytewise, in place: a heap sort, so that no order that a script chooses is slow. */
void sort_names(struct name *list, size_t count);

#endif
