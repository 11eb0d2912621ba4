/* The sources of a bundle, compiled in a box that runs none of them (runtime/script/check/check.c). The box is
 * confined as any other and is believed as little: what it says is checked, bounded, and only ever
 * printed. */
#ifndef MONITOR_LINT_H
#define MONITOR_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "bundles/bundle.h"
#include "schemas/fault.h"

struct neutral;
struct remote;

#define LINT_MAX 1000 /* things told of one bundle; the rest is only counted */

struct lint_finding {
    char kind;                      /* CHECK_* of schemas/setup.h */
    const struct bundle_file *file; /* NULL where it is of no file */
    unsigned line;                  /* 0: none */
    char *text;                     /* the box's word: untrusted UTF-8 */
};

struct lint { /* zero-initialised is empty */
    struct lint_finding *item;
    size_t count, more;
    bool no_memory;                 /* for something that was told */
    const struct bundle_file *last; /* the one that is looked at, as far as it was told */
};

/* All that its box asks for, for a broker that is to give no more. */
void lint_neutral(struct neutral *n);

void lint_free(struct lint *l); /* and zeroes *L */

/* Look at B's sources, in a box of R's. FILES: its scripts have io.open and its like. ENTRY: the name of the entry that
 * its manifest names, or NULL. 0, or -1 and *WHY: SETUP, or what ended the box. */
int lint_run(struct remote *r, const struct bundle *b, bool files, char *entry, struct lint *l,
             struct fault *why);

/* Take one line of the box, "KIND SOURCE LINE TEXT" (schemas/setup.h), for *L. False where it is of any
 * other shape, or memory ran out (.no_memory): nothing was taken. */
bool lint_line(struct lint *l, const struct bundle *b, const char *text);

#endif
