/* A run of the production programs whose box waits for a line: made, looked at, ended. Its standard input is a
 * terminal of its own, which it controls, so that an attack on the caller's terminal has one. */
#ifndef ESCAPE_LIVE_H
#define ESCAPE_LIVE_H

#include <sys/types.h>

#define LIVE_WORD 64

struct live {
    pid_t monitor, box;
    int terminal;       /* the master's end */
    int device;         /* the other end, which the run has as its standard input */
    int out;            /* what it prints */
    const char *report; /* path of the file */
};

/* The line that it is given. */
#define LIVE_LINE "go\n"

/* How it ended: two members of the report, and the end of what it printed after "ready". */
struct ending {
    char status[LIVE_WORD], syscall[LIVE_WORD], said[LIVE_WORD];
};

/* Start COMMAND (which writes its report to the file REPORT) and wait until it has printed "ready". */
void live_start(struct live *l, char *const *command, const char *report);

/* Give it its line, wait for its end, read its report. */
void live_end(struct live *l, struct ending *e);

#endif
