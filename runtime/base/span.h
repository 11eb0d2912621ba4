/* Closing descriptors by their numbers. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

/* Close every descriptor from FROM to TO: by close_range(2), or where a filter around this process
 * refuses that (old containers'), one by one as /proc/self/fd lists them. 0, or -1 and errno. */
int span_close(unsigned from, unsigned to);

#endif
