/* Reading what a caller gives before the run, while signals to stop are heeded. */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"

/* Block the signals that mean "stop", and those that would kill for a failed write; metered work ends where one
 * is pending (SIGHUP: unless it RELOADS). A signalfd, the caller's to close, or -1 and *WHY. Source:
 * signalfd(2). */
int input_signals(bool reloads, struct fault *why);

/* The same where another process has that descriptor, and writes to FD what it reads there. */
void input_signals_from(int fd);

/* *WHY is that work was told to stop: say by which signal, and put its number into *SIGNO. */
void input_stopped(int signals, int *signo, struct fault *why);

/* Wait until FD is readable or at its end: 1; 0: look again; -1 and *WHY, CANCELLED with the signal's number
 * in *SIGNO where SIGNALS said stop. WHERE names the input in *WHY. */
int input_await(int fd, int signals, const char *where, int *signo, struct fault *why);

/* A file that is read later, perhaps by a process that may open none. */
struct input_file {
    const char *path; /* NULL: none; '-': stdin */
    int fd;
    int error; /* of its opening */
};

/* Without waiting for a FIFO's writer. What goes wrong is told by whoever reads it. */
void input_open(struct input_file *f, const char *path);
void input_close(struct input_file *f);

/* Append to *OUT all of it, at most WIRE_LINE_MAX bytes, since it crosses the wire in one line. 0, or -1 and *WHY, as
 * input_await() does. */
int input_whole(const struct input_file *f, int signals, int *signo, struct str *out,
                struct fault *why);

struct caller;

/* Wait for the caller's first line: *LINE (valid until C's lines are read again) and *N. 0, or -1 and
 * *WHY, as input_await() does. */
int input_first_line(struct caller *c, int signals, char **line, size_t *n, int *signo,
                     struct fault *why);

#endif
