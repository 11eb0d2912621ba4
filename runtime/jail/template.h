/* Boxes forked from a prepared one. A template is made like a box, by box_create(), in namespaces
 * and a root of its own, without capabilities; it then holds Lua with its libraries open, and the
 * sources as bytes. Its boxes share its namespaces, user and address-space layout; each has its own
 * groups, limits, filter, wire and memory, and they share no descriptor. Source: the protocol in
 * schemas/setup.h. */
#ifndef JAIL_TEMPLATE_H
#define JAIL_TEMPLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgroups/group.h"
#include "runtime/jail/maker.h"

struct template;

/* Whether boxes of P may share namespaces and a user: profile compute, whose five system calls
 * reach neither, with no system call, capability, mount or network added. */
bool template_serves(const struct plan *p);

/* Make a template for boxes of P, whose second part of the setup has TEXTS bytes. P, B and C stay
 * the caller's and must outlive it. 0, or -1 and *WHY. */
int template_create(struct template **t, const struct plan *p, const struct bundle *b,
                    const struct cgroups *c, uint64_t texts, struct fault *why);

/* Kill the template and its boxes, and free it; boxes not yet deleted become BOX_GONE. NULL is fine.
 * 0, or -1 and *WHY where its group stays. */
int template_delete(struct template *t, struct fault *why);

/* Its messages about boxes: poll for POLLIN, then call template_take(): 0, or -1 and *WHY: it has
 * died, and so have its boxes. A birth may be read once its box speaks; template_answers(): a
 * message of another kind is due. */
int template_fd(const struct template *t);
bool template_answers(const struct template *t);
int template_take(struct template *t, struct fault *why);
bool template_is_dead(const struct template *t); /* as far as is known */

/* For a template that owes messages for too long, as when it is stopped. template_due(): box_now()
 * of the next template_hear(); UINT64_MAX: it owes none. template_hear(): 0, or -1 and *WHY: it
 * does not answer and must be killed, or has died. */
uint64_t template_due(const struct template *t);
int template_hear(struct template *t, struct fault *why);
void template_kill(struct template *t); /* its boxes end with it */

/* template_has_room(): it takes orders. If not, it is template_stuffed() until its wire is writable
 * (POLLOUT) and it is asked again. template_is_full(): it takes none, or owes so many messages that
 * another fork must wait for them. */
bool template_has_room(struct template *t);
bool template_stuffed(const struct template *t);
bool template_is_full(struct template *t);

/* Order a box in the groups *G (made for its plan, with L), which it takes: *G is GROUP_INIT after.
 * Then box_check_ready() it. 0, or -1 and *WHY. */
int template_fork(struct template *t, struct group *g, const struct group_limits *l,
                  struct box **box, struct fault *why);

/* Call when the box's wire is readable or its template has sent a message. 1: it is confined, was
 * read back, and waits for box_start(); 0: not yet; -1 and *WHY. Never blocks. */
int box_check_ready(struct box *box, struct fault *why);

/* Whether a box of plan TO can become one of P: they differ only in memory, cpus, and limits that
 * the monitor enforces, and P asks for no more. */
bool box_may_lower(const struct plan *p, const struct plan *to);

/* Give a ready box plan P instead of its template's (see box_may_lower()). 0, or -1 and *WHY. */
int box_lower(struct box *box, const struct plan *p, struct fault *why);

/* Take the box's groups from it, for reuse. */
void box_take_group(struct box *box, struct group *g, struct group_limits *l);

/* Have its deleted boxes reaped; each fork also reaps one of them. 0, or -1 and *WHY. */
int template_reap(struct template *t, struct fault *why);

/* For box_delete(), watch.c and receipts.c. template_forget(): kill a live box, and wait for its
 * end. template_ask(): ask how an ended box exited: it is BOX_GONE once the template has
 * answered, or BOX_UNASKED, to be asked again, where that takes no orders now. 0, or -1 and *WHY. */
void template_forget(struct box *box);
int template_ask(struct box *box, struct fault *why);
const struct plan *template_plan(const struct template *t); /* its own */

#endif
