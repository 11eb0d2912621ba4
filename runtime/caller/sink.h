/* Output to the caller: queued, written as far as the peer takes it, never blocking on a pipe, a
 * socket or a terminal. */
#ifndef CALLER_SINK_H
#define CALLER_SINK_H

#include "runtime/base/str.h"

struct sink {
    int fd;
    int kind;   /* set by sink_open(); 0 before */
    int own;    /* a terminal, reopened for O_NONBLOCK; 0: none */
    int broken; /* errno of a failed write (EPIPE, ...): nothing more is written */
    bool lost;  /* a line was lost for want of memory */
    struct str pending;
};

/* Determine the type of file, and open what that needs: later the monitor may not
 * (drop_privileges.h). */
void sink_open(struct sink *s);

/* It is a socket, accepted by a process that may not ask what it is. */
void sink_socket(struct sink *s);

/* Write what can be written without blocking. Errors set .broken and discard pending output. */
void sink_flush(struct sink *s);

/* Write the last lines: TEXT, which is .fixed and stays valid, after pending output, even
 * without memory. */
void sink_last(struct sink *s, const struct str *text);

/* Bytes still queued. */
static inline size_t sink_waiting(const struct sink *s)
{
    return s->pending.len;
}

#endif
