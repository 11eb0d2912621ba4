/* The caller of a run that only a result line reports: keeps what the box says, bounded; answers
 * its requests immediately, with end of input or an error. */
#ifndef BATCH_COLLECT_H
#define BATCH_COLLECT_H

#include <stdint.h>

#include "runtime/caller/caller.h"

#define COLLECT_LOG_MAX (64u << 10) /* bytes of the log that are kept, the last ones */

struct collect {
    struct caller caller;
    struct str result; /* JSON text; empty: none */
    struct str log;    /* events as received, each with a '\n' */
    uint64_t log_cut;  /* bytes of dropped events */
};

/* Make ready for a first or next run: discard the contents, keep the buffers unless large. */
void collect_reset(struct collect *c);
void collect_free(struct collect *c);

/* The end of a job, as in a line of schemas/result.schema.json. */
struct outcome {
    const char *id; /* JSON text; NULL: it could not be read */
    uint64_t line;  /* the job's, in the input */
    unsigned attempts;
    const struct report *report;
};

/* Append the result line, '\n' included. C may be NULL: there was no run. */
void collect_write(struct collect *c, const struct outcome *o, struct str *out);

#endif
