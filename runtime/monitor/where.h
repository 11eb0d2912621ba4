/* The line of Lua from which a box last used a file, as its memory says when a forbidden call has stopped it. */
#ifndef MONITOR_WHERE_H
#define MONITOR_WHERE_H

#include <stddef.h>

struct box;

/* " (...)", for a message, or "" where the box says nothing that fits its bundle. OUT has SIZE bytes. */
void where_said(const struct box *box, char *out, size_t size);

#endif
