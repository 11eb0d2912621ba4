/* The broker's audit log: what was made for whom, what was refused, what was killed and how it ended. One JSON object a line, of
 * schemas/audit.schema.json, appended by one write(2) to a file, or sent to syslog as one message. Nothing in it is a script's or a
 * caller's word but what was checked character by character: the bundle's name, namespaces, names of system calls and capabilities,
 * paths of mounts. */
#ifndef BROKER_AUDIT_H
#define BROKER_AUDIT_H

#include "runtime/plan/plan.h"
#include "schemas/fault.h"

struct audit;

#define AUDIT_SYSLOG "syslog" /* in place of a file: the socket /dev/log, facility authpriv */

/* TO: a file, made where there is none (mode 0600), or AUDIT_SYSLOG. 0 and *A (audit_close() it), or -1 and *WHY (SETUP). */
int audit_open(const char *to, struct audit **a, struct fault *why);
void audit_close(struct audit *a); /* NULL is fine */

/* The bundle that all lines from here on are about. Whatever is "" is not said. */
void audit_about(struct audit *a, const char *name, const char *digest);

/* Each is one line. A NULL A does nothing. 0, or -1 and *WHY (SETUP): it could not be written. */

/* A box of process PID is about to start, as P says. */
int audit_box(struct audit *a, const struct plan *p, int pid, struct fault *why);

/* The monitor was ended: REASON. */
int audit_refused(struct audit *a, const char *reason, struct fault *why);

/* The box was killed: for REASON. */
int audit_killed(struct audit *a, const char *reason, struct fault *why);

/* The box has ended with wait(2)'s STATUS, or BOX_LOST. */
int audit_ended(struct audit *a, int status, struct fault *why);

#endif
