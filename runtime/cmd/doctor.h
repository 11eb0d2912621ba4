/* `runbox doctor`: what the files of that verb share. */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include "runtime/host/checkup.h"

/* Fill C's plan, verdict and .enforceable, after checkup_run(). */
void doctor_verdict(struct checkup *c);

/* Whether limit L of the plan is asked for and no layer enforces it. */
bool doctor_unheld(const struct plan *p, enum limit l);

#endif
