/* The life of one box: create (cloned, confined, read back, waiting for its start line), start, watch
 * (until its run is over), delete. run is these four in a row.
 *
 * Theory of operation
 *
 *   box_prepare  clone3 of a child with memory and descriptors of its own, which makes its namespaces while the
 *                monitor still reads the bundle. It is a guess: a box that wants the host's network is cloned anew.
 *   box_create   the monitor writes the id maps and makes the groups; then it sends the child its order (jail.h). The
 *                child joins, confines itself and execs runbox-lua, of which the monitor reads back from the
 *                kernel what the jail has done; that reads the setup (schemas/setup.h), loads its filter,
 *                answers Ready; the monitor takes the filter's listener (pidfd_getfd) and reads back the rest.
 *   box_start    sends the start line: the first byte of the bundle is parsed after this.
 *   watch_run    one poll loop over the wire, the process, the listener, the caller and the clocks.
 *                Every line of the box is parsed and checked before anything is passed on; a slow
 *                caller stops the reading of the wire, never the loop. The first cause that ends the
 *                box is the verdict.
 *   box_delete   the groups are removed, the descriptors closed.
 *
 * A warm box (template.h) is forked by a template in place of the first two; its run may be over while its process
 * is still on its way out (end.c), and then whoever deletes it waits.
 *
 * The box is only ever killed from outside: by its pidfd, which cannot name another process. */
#ifndef BROKER_MAKER_H
#define BROKER_MAKER_H

#include <stddef.h>

#include "cgroups/cgroups.h"
#include "runtime/plan/plan.h"
#include "schemas/fault.h"
#include "schemas/report.h"

struct box;
struct bundle;
struct caller;
struct schema;

/* Begin making a box before there is a plan. *BOX is box_create()'s to use, box_delete()'s to drop. 0,
 * or -1 and *WHY; the failure need not be told: box_create() tries again. */
int box_prepare(struct box **box, struct fault *why);

/* *BOX comes from box_prepare(), or is NULL. P, B and C stay the caller's and must outlive the box. 0,
 * or -1 and *WHY; box_delete(*BOX) in either case. */
int box_create(struct box **box, const struct plan *p, const struct bundle *b,
               const struct cgroups *c, struct fault *why);

/* The same, but for its keys and the second part of its setup (schemas/setup.h), TEXTS bytes, which are the caller's to send. */
int box_create_bare(struct box **box, const struct plan *p, const struct bundle *b,
                    const struct cgroups *c, uint64_t texts, struct fault *why);

/* LINE: N bytes, one JSON object and its '\n'. The clocks start here. */
int box_start(struct box *box, const char *line, size_t n, struct fault *why);

/* NULL is fine. A box that still lives is killed first. 0, or -1 and *WHY where a group stays. */
int box_delete(struct box *box, struct fault *why);

#endif
