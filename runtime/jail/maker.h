/* The life of one box: create (cloned, confined, read back, waiting for its start line), start,
 * watch (until its run is over), delete. run is these four in a row.
 *
 * Theory of operation
 *
 *   box_prepare  clones (clone3) a child with memory and descriptors of its own, which makes its
 *                namespaces while the broker still reads the bundle. It is a guess: a box that
 *                wants the host's network is cloned anew; on cgroup v2, where a box is born in
 *                its group, box_prepare_groups does it once the host's groups are known.
 *   box_create   the broker writes the id maps and makes the groups, then sends the child its order
 *                (jail.h). The child joins, confines itself and execs the box program; the broker reads
 *                back from the kernel what the jail has done. The program reads the setup
 *                (schemas/setup.h), loads its filter and answers Ready; the broker takes the
 *                filter's listener (pidfd_getfd; where the host allows nobody that, the filter
 *                has none, and kills) and reads back the rest.
 *   box_start    sends the start line: the box parses no byte of the bundle before it.
 *   watch_run    one poll loop over the wire, the process, the listener, the caller and the clocks.
 *                Every line of the box is parsed and checked before it is passed on; a slow caller
 *                stops the reading of the wire, never the loop. The first cause that ends the box
 *                is the verdict.
 *   box_delete   removes the groups and closes the descriptors.
 *
 * A warm box (template.h) is forked by a template instead of the first two. Its run may be over
 * while its process is still exiting (broker/pool.c); then box_delete() waits.
 *
 * The box is only ever killed from outside: by its pidfd, which cannot name another process. */
#ifndef JAIL_MAKER_H
#define JAIL_MAKER_H

#include <stddef.h>

#include "cgroups/cgroups.h"
#include "runtime/plan/plan.h"
#include "schemas/fault.h"
#include "schemas/report.h"

struct box;
struct bundle;
struct caller;
struct schema;

/* Begin making a box before there is a plan. Pass *BOX (perhaps NULL) to box_create() or
 * box_delete(). 0, or -1 and *WHY, which need not be reported: box_create() tries again. */
int box_prepare(struct box **box, struct fault *why);

/* Make below C the groups that *BOX (perhaps NULL) will most likely want, on v2 the box in them. */
void box_prepare_groups(struct box **box, const struct cgroups *c);

/* Make a box of P and B. *BOX comes from box_prepare(), or is NULL. P, B and C stay the caller's
 * and must outlive the box. 0, or -1 and *WHY; box_delete(*BOX) in either case. */
int box_create(struct box **box, const struct plan *p, const struct bundle *b,
               const struct cgroups *c, struct fault *why);

/* The same without the keys and the second part of its setup (schemas/setup.h), TEXTS bytes, which
 * the caller sends. */
int box_create_bare(struct box **box, const struct plan *p, const struct bundle *b,
                    const struct cgroups *c, uint64_t texts, struct fault *why);

/* Send LINE, N bytes: one JSON object and its '\n'. The clocks start here. */
int box_start(struct box *box, const char *line, size_t n, struct fault *why);

/* Kill BOX if still alive, and free it; NULL is fine. 0, or -1 and *WHY where a group stays. */
int box_delete(struct box *box, struct fault *why);

#endif
