/* Lines of Lua that a box names: from which it last used a file, as its memory says when a forbidden call has
 * stopped it; where its stack was deep when its memory ran out. */
#ifndef MONITOR_WHERE_H
#define MONITOR_WHERE_H

#include <stddef.h>

#define DEEP_WORD 384 /* what where_deep() writes at most: SETUP_WHERE and its words */

struct box;

/* " (...)", for a message, or "" where the box says nothing that fits its bundle. OUT has SIZE bytes. */
void where_said(const struct box *box, char *out, size_t size);

/* "; the stack was N calls deep at PATH:LINE", or "" where TEXT, with which a box ended over its memory limit, is
 * not that, or names no line of its bundle. OUT has SIZE bytes. */
void where_deep(const struct box *box, const char *text, char *out, size_t size);

#endif
