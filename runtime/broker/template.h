/* Boxes forked from a prepared one. A template is made as a box is, by box_create(): in namespaces and a root of
 * its own, without capabilities; it then holds Lua with its libraries open and the sources as bytes. Its boxes
 * share what it has (namespaces, user, filter, address-space layout); each has its groups, limits, wire and
 * memory to itself, and they share no descriptor. Source: the plan of work in schemas/setup.h. */
#ifndef BROKER_TEMPLATE_H
#define BROKER_TEMPLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgroups/group.h"
#include "runtime/broker/maker.h"

struct template;

/* Whether boxes of P may share namespaces and a user: profile compute, whose five system calls reach none of
 * it, with no system call, capability, mount or network added. */
bool template_serves(const struct plan *p);

/* P, B and C stay the caller's and must outlive the template. 0, or -1 and *WHY. */
int template_create(struct template **t, const struct plan *p, const struct bundle *b,
                    const struct cgroups *c, struct fault *why);

/* Its boxes are killed with it; those not yet deleted are gone. NULL is fine. 0, or -1 and *WHY where its group
 * stays. */
int template_delete(struct template *t, struct fault *why);

/* What it says of its boxes: poll for POLLIN, then template_take(). 0, or -1 and *WHY: it has died, and so have
 * its boxes. Of a birth nobody needs to hear before the box speaks; template_answers(): another message will come. */
int template_fd(const struct template *t);
bool template_answers(const struct template *t);
int template_take(struct template *t, struct fault *why);
bool template_is_dead(const struct template *t); /* as far as it was heard */

/* A template that owes messages for too long, as one that is stopped: template_due(): box_now() of the next template_hear();
 * UINT64_MAX: it owes none. template_hear(): 0, or -1 and *WHY: it does not answer, and is to be killed, or has died. */
uint64_t template_due(const struct template *t);
int template_hear(struct template *t, struct fault *why);
void template_kill(struct template *t); /* its boxes end with it */

/* template_has_room(): it takes orders. Where it does not, it is template_stuffed() until its wire can be written to (POLLOUT),
 * and is asked again. template_is_full(): it takes none, or owes so much that another fork is to wait for its messages. */
bool template_has_room(struct template *t);
bool template_stuffed(const struct template *t);
bool template_is_full(struct template *t);

/* The listener of its filter, which is its boxes' too: poll for POLLIN, then template_violation(): a box has made
 * a call outside the filter: its .violated and .call tell of it, or it is killed where no run waits for it. */
int template_listener(const struct template *t);
void template_violation(struct template *t);

/* Order a box into the groups *G (made for its plan, L; taken: *G is GROUP_INIT after). box_check_ready() it. 0, or -1
 * and *WHY. */
int template_fork(struct template *t, struct group *g, const struct group_limits *l,
                  struct box **box, struct fault *why);

/* The box's wire is readable, or its template has spoken: 1: it is confined and was read back, and waits for
 * box_start(); 0: not yet; -1 and *WHY. Never waits. */
int box_check_ready(struct box *box, struct fault *why);

/* Whether a box of plan TO can become one of P: they differ in memory, cpus, and limits that the monitor holds, and
 * P asks for no more. */
bool box_may_lower(const struct plan *p, const struct plan *to);

/* A box that is ready gets plan P in place of its template's, which box_may_lower() allows. 0, or -1 and *WHY. */
int box_lower(struct box *box, const struct plan *p, struct fault *why);

/* The box's groups, taken from it, to be used again. */
void box_take_group(struct box *box, struct group *g, struct group_limits *l);

/* Have those of its boxes reaped that are deleted; each fork does so for one of them. 0, or -1 and *WHY. */
int template_reap(struct template *t, struct fault *why);

/* For box_delete(), watch.c and receipts.c. template_forget() kills a box that lives, and waits for its end.
 * template_ask(): of a box that has ended, how; .gone once the template has told. .unasked: it takes no orders now, and is to
 * be asked again. 0, or -1 and *WHY. */
void template_forget(struct box *box);
int template_ask(struct box *box, struct fault *why);
const struct plan *template_plan(const struct template *t); /* its own */
uint64_t template_page(const struct template *t);           /* of its calls, its address there */

#endif
