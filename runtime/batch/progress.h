/* What a person sees of a running batch: a bar on a terminal, failures if asked for, a summary. */
#ifndef BATCH_PROGRESS_H
#define BATCH_PROGRESS_H

#include "runtime/batch/tally.h"
#include "runtime/caller/sink.h"

struct progress {
    const struct tally *tally;
    struct sink *to; /* NULL: show nothing */
    int verbose;
    bool bar;            /* .to is a terminal */
    bool drawn;          /* the cursor is behind a bar */
    uint64_t begun, due; /* ns */
};

void progress_open(struct progress *p, const struct tally *t, struct sink *to, int verbose,
                   uint64_t now);

/* Show a failed job if verbose. ID is JSON text. */
void progress_result(struct progress *p, const char *id, const struct report *r);

/* Draw the bar if it is due. PART: the part of the input that is done, 0 to 1; negative:
 * unknown. Returns milliseconds until the bar is due again; -1: never. */
int progress_draw(struct progress *p, double part, unsigned running, uint64_t now);

/* Write the closing line. STOPPED: why the batch ended early, or NULL. */
void progress_summary(struct progress *p, uint64_t took, const char *stopped);

#endif
