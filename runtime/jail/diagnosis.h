/* Why a step of making a box fails on a host, and what removes the cause: one table
 * (diagnosis.def), used wherever a box is made, by `run`, `batch`, `serve` and `doctor` alike. */
#ifndef JAIL_DIAGNOSIS_H
#define JAIL_DIAGNOSIS_H

#include "schemas/fault.h"

/* Add to WHY, whose .err is the errno of STEP, the cause that this host shows and its cure, if the
 * table has one: "; CAUSE: CURE (MANUAL)". Returns -1, so that a failing function ends with it. */
int diagnosis_add(struct fault *why, const char *step);

/* The fault of a fork(2) that has just failed, with its cause: -1. */
int diagnosis_fork(struct fault *why, const char *what);

#endif
