/* What a monitor without rights has of its broker (runtime/broker/order.h): a box that the broker holds, files that it makes, a
 * report that it writes. */
#ifndef MONITOR_REMOTE_H
#define MONITOR_REMOTE_H

#include "runtime/broker/box.h"
#include "runtime/plan/plan.h"
#include "schemas/manifest.h"
#include "schemas/report.h"

struct artifacts;
struct remote;

/* One for the whole life of the process. SOCKET stays the caller's. 0, or -1 and *WHY. */
int remote_open(int socket, struct remote **r, struct fault *why);

/* The bundle, called PATH, as the broker has read it. 0 and *B, or -1 and *WHY. */
int remote_bundle(struct remote *r, const char *path, struct bundle **b, struct fault *why);

/* The bundle is a module, N bytes at CODE, for which the broker has given ROOM. 0, or -1 and *WHY. */
int remote_module(struct remote *r, int room, const char *code, size_t n, struct fault *why);

/* The file that the command line names in place INDEX of those that the broker may open, opened to be read; or -1 with errno: it could
 * not be, or, with 0, *WHY. */
int remote_file(struct remote *r, unsigned index, struct fault *why);

/* What this host can do, and what its policies give the bundle called NAME: *G, whose texts are not the caller's to free. 0, or -1
 * and *WHY. */
int remote_site(struct remote *r, const char *name, struct host *host, struct policy_grants *g,
                struct fault *why);

/* Have a box made for what M asks, of which P is the plan, with KEYS: with those that are stored. 0 and *BOX, which waits for its start line: all of box.h's that a run
 * needs works for it, box_delete() too; or -1 and *WHY. */
int remote_create(struct remote *r, struct box **box, const struct manifest *m,
                  const struct plan *p, const struct bundle *b, bool keys, struct fault *why);

/* Have the user's policy changed as the command line says, for the bundle called NAME. 0, or -1 and *WHY. */
int remote_grant(struct remote *r, const char *name, struct fault *why);

/* Artifacts that go to the directory that the broker has. 0, or -1 and *WHY. */
int remote_artifacts(struct remote *r, struct artifacts **a, struct fault *why);

/* Write REPORT to the file that the broker knows. 0, or -1 and *WHY. */
int remote_report(struct remote *r, const struct report *report, struct fault *why);

#endif
