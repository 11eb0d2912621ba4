/* What a person sees of a batch while it goes: a bar on a terminal, failures where asked for, a summary. */
#ifndef BATCH_PROGRESS_H
#define BATCH_PROGRESS_H

#include "runtime/batch/tally.h"
#include "runtime/caller/sink.h"

struct progress {
    const struct tally *tally;
    struct sink *to; /* NULL: nobody looks */
    int verbose;
    bool bar;            /* .to is a terminal */
    bool drawn;          /* the cursor stands behind a bar */
    uint64_t begun, due; /* ns */
};

void progress_open(struct progress *p, const struct tally *t, struct sink *to, int verbose,
                   uint64_t now);

/* A result was written. ID is JSON text. */
void progress_result(struct progress *p, const char *id, const struct report *r);

/* Draw the bar, where it is time. PART: of the input that is done, 0 to 1; less: not known. Milliseconds until it is
 * time again, -1: never. */
int progress_draw(struct progress *p, double part, unsigned running, uint64_t now);

/* The closing line. STOPPED: why the batch was ended before its time, or NULL. */
void progress_summary(struct progress *p, uint64_t took, const char *stopped);

#endif
