/* The broker's audit log: what was made for whom, what was refused, what was killed and how it
 * ended. One JSON object per line (schemas/audit.schema.json), appended to a file by one write(2),
 * or sent to syslog as one message. It contains no text of a script or a caller that was not
 * checked character by character: the bundle's name, namespaces, names of system calls and
 * capabilities, paths of mounts. */
#ifndef BROKER_AUDIT_H
#define BROKER_AUDIT_H

#include "runtime/plan/plan.h"
#include "schemas/fault.h"

struct audit;

#define AUDIT_SYSLOG "syslog" /* instead of a file: the socket /dev/log, facility authpriv */

/* Open TO: a file, created if missing (mode 0600), or AUDIT_SYSLOG. 0 and *A (audit_close() it), or
 * -1 and *WHY (SETUP). */
int audit_open(const char *to, struct audit **a, struct fault *why);
void audit_close(struct audit *a); /* NULL is fine */

/* Set the bundle that all further lines are about. A text that is "" is left out. */
void audit_about(struct audit *a, const char *name, const char *digest);

/* Each writes one line; A may be NULL. 0, or -1 and *WHY (SETUP): it could not be written. */

/* The box with process PID is about to start, under P. */
int audit_box(struct audit *a, const struct plan *p, int pid, struct fault *why);

/* The monitor was killed, or of a fleet the broker of a bundle has ended, with its boxes, for REASON. */
int audit_refused(struct audit *a, const char *reason, struct fault *why);

/* The box with process PID was killed, for REASON. */
int audit_killed(struct audit *a, int pid, const char *reason, struct fault *why);

/* The box with process PID has ended, with wait(2)'s STATUS, or BOX_LOST. */
int audit_ended(struct audit *a, int pid, int status, struct fault *why);

/* The descriptor that a process forked for a bundle keeps; -1: A is NULL. */
int audit_descriptor(const struct audit *a);

#endif
