/* The caller of a run of which nobody but a result line will hear: what the box says is kept, bounded; what it
 * asks for is answered at once, by "nobody is there". */
#ifndef BATCH_COLLECT_H
#define BATCH_COLLECT_H

#include <stdint.h>

#include "runtime/caller/caller.h"

#define COLLECT_LOG_MAX (64u << 10) /* bytes of the log that are kept: its last ones */

struct collect {
    struct caller caller;
    struct str result; /* JSON text; empty: none */
    struct str log;    /* events as they came, each with a '\n' */
    uint64_t log_cut;  /* bytes of those that were dropped */
};

/* Ready for a run, the first or the next one: what it held is gone, its buffers are kept unless large. */
void collect_reset(struct collect *c);
void collect_free(struct collect *c);

/* One job's end, as a line of schemas/result.schema.json. */
struct outcome {
    const char *id; /* JSON text; NULL: it could not be read */
    uint64_t line;  /* of the job */
    unsigned attempts;
    const struct report *report;
};

/* Append the line, '\n' included. C may be NULL: there was no run. */
void collect_write(struct collect *c, const struct outcome *o, struct str *out);

#endif
