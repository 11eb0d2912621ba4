/* What a box reads before its start line (schemas/setup.h), made from a plan and a bundle. */
#ifndef PLAN_SETUP_H
#define PLAN_SETUP_H

#include "runtime/base/str.h"
#include "runtime/plan/plan.h"

struct bundle;

/* Append the first part; the second will have TEXTS bytes. BOXES: the plan of the boxes that a
 * template with plan P will fork; else NULL. 0, or -1 and *WHY. */
int setup_write(const struct plan *p, const struct plan *boxes, const struct bundle *b,
                uint64_t texts, struct str *out, struct fault *why);

/* Append the second part. 0, or -1 and *WHY. */
int setup_texts(const struct plan *p, struct str *out, struct fault *why);

#endif
