/* Where results go: one write(2) a line, appended; never torn but at its end, and that is mended before the next
 * line. A slow reader is waited for with poll(2), not in the write. */
#ifndef BATCH_OUTPUT_H
#define BATCH_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/batch/finished.h"
#include "runtime/caller/sink.h"
#include "schemas/fault.h"

struct output {
    struct sink sink;
    const char *where; /* its name, for errors */
    int own;           /* the descriptor to close, or -1 */
    int lock;          /* of the same file, or -1 */
    bool tty;          /* somebody is looking: nothing may move the cursor */
};

/* What --resume found. */
struct resumed {
    uint64_t done;   /* jobs that have a result which counts */
    uint64_t again;  /* results of status setup or cancelled, which do not */
    uint64_t broken; /* lines that began as a result and are none */
    bool cut;        /* the last line was not whole */
};

/* RESUME_FAILED: the last line of an id counts, results of status setup and cancelled among them. */
enum { RESUME_WRITE = 1, RESUME_FAILED = 2 };

/* Read the results in PATH, as far as they count, into DONE. With RESUME_WRITE the file is made if there is none (but
 * with RESUME_FAILED), a last line that is not whole is cut off, and O writes at its end; else O is not touched. 0, or
 * -1 and *WHY: INVALID where it does not look like results, SETUP where somebody else is writing it. */
int output_resume(struct output *o, const char *path, unsigned how, struct finished *done,
                  struct resumed *found, struct fault *why);

/* Append to PATH, or write to FD where it is NULL, which stays the owner's. 0, or -1 and *WHY. */
int output_open(struct output *o, const char *path, int fd, struct fault *why);
void output_close(struct output *o);

/* One line, '\n' included. What the other side does not take now waits. */
void output_line(struct output *o, const char *line, size_t n);

/* 0, or -1 and *WHY once nothing more can be written: CANCELLED where the reader has gone, SETUP for a full disk and
 * the like. */
int output_check(const struct output *o, struct fault *why);

#endif
