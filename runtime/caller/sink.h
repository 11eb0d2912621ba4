/* Bytes on their way to the caller: queued, written as far as the other side takes them, never
 * blocking on a pipe, a socket or a terminal. */
#ifndef CALLER_SINK_H
#define CALLER_SINK_H

#include "runtime/base/str.h"

struct sink {
    int fd;
    int kind;   /* sink_open() finds out; 0 before */
    int own;    /* a tty: its device opened anew, for O_NONBLOCK; 0: none */
    int broken; /* an errno, EPIPE and its like: nothing more will be written */
    bool lost;  /* there was no memory for a line */
    struct str pending;
};

/* Find out what kind of file it is, and open what it takes: later the monitor may not (drop_privileges.h). */
void sink_open(struct sink *s);

/* Write what can be written now. Errors set .broken and drop what is pending. */
void sink_flush(struct sink *s);

/* The last lines: TEXT, which is .fixed and stays, is written behind what is pending, memory or none. */
void sink_last(struct sink *s, const struct str *text);

/* Bytes that wait. */
static inline size_t sink_waiting(const struct sink *s)
{
    return s->pending.len;
}

#endif
