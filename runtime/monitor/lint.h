/* Check a bundle's sources: compile them in a box that runs none of them
 * (runtime/script/check/check.c). The box is confined like any other and trusted as little: what it
 * reports is validated, bounded, and only ever printed. */
#ifndef MONITOR_LINT_H
#define MONITOR_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "bundles/bundle.h"
#include "schemas/fault.h"

struct manifest;
struct neutral;
struct remote;

#define LINT_MAX 1000 /* findings kept per bundle; the rest is only counted */

struct lint_finding {
    char kind;                      /* CHECK_* of schemas/setup.h */
    const struct bundle_file *file; /* NULL: about no file */
    unsigned line;                  /* 0: none */
    char *text;                     /* from the box: untrusted UTF-8 */
};

struct lint { /* zero-initialised is empty */
    struct lint_finding *item;
    size_t count, more;
    bool no_memory;                 /* for a finding */
    const struct bundle_file *last; /* being checked, as far as the box has reported */
};

/* All that the box of a check asks for: its broker grants no more. */
void lint_neutral(struct neutral *n);

void lint_free(struct lint *l); /* and zeroes *L */

/* Check B's sources in a box of R's. OF: what its manifest asks for, and names to look for; or NULL. 0, or -1 and *WHY: SETUP, or what ended the box. */
int lint_run(struct remote *r, const struct bundle *b, const struct manifest *of, struct lint *l,
             struct fault *why);

/* Add one line of the box, "KIND SOURCE LINE TEXT" (schemas/setup.h), to *L. False, and nothing is
 * added, if it has any other form or memory runs out (.no_memory). */
bool lint_line(struct lint *l, const struct bundle *b, const char *text);

#endif
