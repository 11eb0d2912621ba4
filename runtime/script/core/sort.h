/* Sorting member names. qsort(3) of glibc asks malloc for memory and sysconf(3) for its size. */
#ifndef SCRIPT_CORE_SORT_H
#define SCRIPT_CORE_SORT_H

#include <stddef.h>

struct name {
    const char *at;
    size_t n;
};

/* Bytewise, in place: heap sort, so that no order of a script's choosing is slow. */
void sort_names(struct name *list, size_t count);

#endif
