/* Where results go: appended, one write(2) per line. Only the last line can be torn, and it is
 * ended before the next one. For a slow reader poll(2) waits, not the write. */
#ifndef BATCH_OUTPUT_H
#define BATCH_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/batch/finished.h"
#include "runtime/caller/sink.h"
#include "schemas/fault.h"

struct output {
    struct sink sink;
    const char *where; /* name for errors */
    int own;           /* the descriptor to close, or -1 */
    int lock;          /* of the same file, holds the lock; or -1 */
    bool tty;          /* a person reads it: nothing may move the cursor */
};

/* What --resume found. */
struct resumed {
    uint64_t done;   /* results that count */
    uint64_t again;  /* results of status setup or cancelled, which do not */
    uint64_t broken; /* lines that begin as a result and are none */
    bool cut;        /* the last line was incomplete */
};

/* RESUME_FAILED: the last line of an id counts, even of status setup or cancelled. */
enum { RESUME_WRITE = 1, RESUME_FAILED = 2 };

/* Open the results in PATH: *FD is -1 or the caller's to close. With RESUME_WRITE create the file if
 * missing (not with RESUME_FAILED), and let O append to it, whose descriptor it is then; otherwise O
 * is not touched. 0, or -1 and *WHY: SETUP if another batch is writing it. */
int output_resume_open(struct output *o, const char *path, unsigned how, int *fd,
                       struct fault *why);

/* Read the results that count into DONE from FD, which that call opened; with RESUME_WRITE, cut off an
 * incomplete last line. SIGNALS: -1, or readable to stop. 0, or -1 and *WHY: INVALID if it does not
 * look like results, CANCELLED. */
int output_resume(int fd, const char *path, unsigned how, int signals, struct finished *done,
                  struct resumed *found, struct fault *why);

/* Append to PATH; if NULL, write to FD, which stays the caller's. 0, or -1 and *WHY. */
int output_open(struct output *o, const char *path, int fd, struct fault *why);
void output_close(struct output *o);

/* Write one line, '\n' included. What the reader does not take now is queued. */
void output_line(struct output *o, const char *line, size_t n);

/* 0, or -1 and *WHY once nothing more can be written: CANCELLED if the reader has gone, SETUP
 * for a full disk and the like. */
int output_check(const struct output *o, struct fault *why);

#endif
