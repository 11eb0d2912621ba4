/* Reading a caller's input before the run, while heeding signals to stop. */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"

/* Block the signals that mean "stop", and those that a failed write raises; metered work ends once
 * one that means "stop" is pending. A signalfd, which the caller closes, or -1 and *WHY. Source:
 * signalfd(2). */
int input_signals(struct fault *why);

/* Use FD instead, to which another process writes what its signalfd returns. */
void input_signals_from(int fd);

/* *WHY says that work was told to stop: have it name the signal, and store its number in *SIGNO. */
void input_stopped(int signals, int *signo, struct fault *why);

/* Wait until FD is readable or at its end: 1; 0: look again; -1 and *WHY, CANCELLED with the
 * signal's number in *SIGNO where SIGNALS said stop. WHERE names the input in *WHY. */
int input_await(int fd, int signals, const char *where, int *signo, struct fault *why);

/* A file that is read later, perhaps by a process that may not open any. */
struct input_file {
    const char *path; /* NULL: none; "-": stdin */
    int fd;
    int error; /* errno of open(2), or 0 */
};

/* Open PATH without waiting for a FIFO's writer. Errors are reported by input_whole(). */
void input_open(struct input_file *f, const char *path);
void input_close(struct input_file *f);

/* Append the whole file to *OUT, at most WIRE_LINE_MAX bytes, since it crosses the wire as one
 * line. 0, or -1 and *WHY, as for input_await(). */
int input_whole(const struct input_file *f, int signals, int *signo, struct str *out,
                struct fault *why);

struct caller;

/* Wait for the caller's first line: *LINE (valid until C's lines are read again) and *N. 0, or -1
 * and *WHY, as for input_await(). */
int input_first_line(struct caller *c, int signals, char **line, size_t *n, int *signo,
                     struct fault *why);

#endif
