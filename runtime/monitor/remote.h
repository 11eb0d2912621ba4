/* The unprivileged monitor's access to its broker (runtime/broker/order.h): a box that the broker
 * holds, files that it creates, a report that it writes. */
#ifndef MONITOR_REMOTE_H
#define MONITOR_REMOTE_H

#include "runtime/jail/box.h"
#include "runtime/plan/plan.h"
#include "schemas/manifest.h"
#include "schemas/report.h"

struct artifacts;
struct remote;

/* Once per process, for its whole life. SOCKET stays the caller's. 0, or -1 and *WHY. */
int remote_open(int socket, struct remote **r, struct fault *why);

/* Of a fleet's front: what its broker is asked for. remote_maker(): a broker and a monitor for bundle
 * INDEX of the command line, or that at PATH, which a job names (INDEX is -1): a socket to the monitor,
 * and *NUMBER for remote_dismiss(), once they are needed no more. remote_listen(): the server's socket.
 * A descriptor, or -1 and *WHY. */
int remote_maker(struct remote *r, int index, const char *path, uint32_t *number,
                 struct fault *why);
void remote_dismiss(struct remote *r, uint32_t number);
int remote_listen(struct remote *r, struct fault *why);

/* Tell it that the server is ready; have it write the page, N bytes at TEXT, by its descriptor ROOM.
 * 0, or -1 and *WHY. */
int remote_ready(struct remote *r, struct fault *why);
int remote_page(struct remote *r, int room, const char *text, size_t n, struct fault *why);

/* What to poll for notices that nobody waits for; take them. remote_reload(): one says that bundles
 * are to be read again, once. */
int remote_fd(const struct remote *r);
void remote_hear(struct remote *r);
bool remote_reload(struct remote *r);

/* Take the bundle that the broker has read, named PATH. 0 and *B, or -1 and *WHY. */
int remote_bundle(struct remote *r, const char *path, struct bundle **b, struct fault *why);

/* Give the broker the bundle: a module, N bytes at CODE, written to its descriptor ROOM. 0, or -1
 * and *WHY. */
int remote_module(struct remote *r, int room, const char *code, size_t n, struct fault *why);

/* Have file INDEX of those that the command line names opened for reading. The descriptor, or -1
 * with errno; errno is 0 if the broker failed: *WHY. */
int remote_file(struct remote *r, unsigned index, struct fault *why);

/* What this host supports, and what the policies grant the bundle called NAME: *G, whose strings
 * stay R's. 0, or -1 and *WHY. */
int remote_site(struct remote *r, const char *name, struct host *host, struct policy_grants *g,
                struct fault *why);

/* Have a box made for manifest M, whose plan is P. KEYS: with the stored keys of the namespaces
 * that are granted. 0 and *BOX, which waits for its start line: every function of box.h that a run
 * needs works on it, as does box_delete(); or -1 and *WHY. */
int remote_create(struct remote *r, struct box **box, const struct manifest *m,
                  const struct plan *p, const struct bundle *b, bool keys, struct fault *why);

/* Have the user's policy changed, as the command line says, for the bundle called NAME. 0, or -1 and
 * *WHY. */
int remote_grant(struct remote *r, const char *name, struct fault *why);

/* Artifacts written to the broker's directory. 0, or -1 and *WHY. */
int remote_artifacts(struct remote *r, struct artifacts **a, struct fault *why);

/* Have REPORT written to the broker's report file. 0, or -1 and *WHY. */
int remote_report(struct remote *r, const struct report *report, struct fault *why);

#endif
