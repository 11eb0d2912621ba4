/* Lines of Lua that a box names: where it last used a file, read from its memory when a forbidden
 * call has stopped it; where its stack was deep when its memory ran out. */
#ifndef MONITOR_WHERE_H
#define MONITOR_WHERE_H

#include <stddef.h>

#define DEEP_WORD 384 /* most that where_deep() writes: SETUP_WHERE and its text */

struct box;

/* Write " (...)", for a message, or "" if the box names no line of its bundle. OUT: SIZE bytes. */
void where_said(const struct box *box, char *out, size_t size);

/* Write "; the stack was N calls deep at PATH:LINE", or "" if TEXT, the last text of a box that
 * exceeded its memory limit, has another form or names no line of its bundle. OUT: SIZE bytes. */
void where_deep(const struct box *box, const char *text, char *out, size_t size);

#endif
