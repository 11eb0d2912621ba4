/* `runbox doctor`: what the files of that verb share. */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include "runtime/host/checkup.h"

/* Fill C's plan, verdict and .enforceable, behind checkup_run(). */
void doctor_verdict(struct checkup *c);

/* A limit of the plan is asked for and no layer holds it. */
bool doctor_unheld(const struct plan *p, enum limit l);

#endif
