/* What `runbox doctor` finds out: each thing that a box is made of, tried for real by this user on
 * this host. Whatever a try creates is gone when it returns, except, as after any run, that
 * controllers may stay enabled on cgroup v2 for the groups below the one that runbox may use. */
#ifndef HOST_CHECKUP_H
#define HOST_CHECKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "cgroups/cgroups.h"
#include "runtime/plan/plan.h"

enum check_state {
    CHECK_WORKS,
    CHECK_MISSING, /* .how says how to get it */
    CHECK_UNTRIED, /* a prerequisite is missing */
};

struct check {
    const char *section, *name; /* static strings; unique together */
    enum check_state state;
    char what[640]; /* what was found */
    char how[384];  /* how to get what is missing; "" where it works */
};

#define CHECKS_MAX 40

struct checkup {
    struct check check[CHECKS_MAX];
    size_t count;

    bool forks;       /* what is tried in a child can be tried */
    struct host host; /* as a run sees them */
    struct cgroups cgroups;
    bool known; /* host_probe() worked; else .verdict says why not */
    /* set by doctor_verdict(): */
    struct plan *plan;  /* of a manifest that asks for nothing; NULL if none could be made */
    bool enforceable;   /* every default limit is enforced, and a box confined so was made */
    char verdict[2304]; /* one line */
};

/* Run all checks but the verdict, in the order in which they are printed. checkup_free() after. */
void checkup_run(struct checkup *c);
void checkup_free(struct checkup *c);

/* "works", "missing", "untried". */
const char *check_state_text(enum check_state s);

/* The parts; each adds its checks. */
void checkup_kernel(struct checkup *c);
void checkup_namespaces(struct checkup *c);
void checkup_groups(struct checkup *c);

/* Add a check that works, with what was found; for one that does not, set .state and .how next, as
 * check_missing() does. */
struct check *check_add(struct checkup *c, const char *section, const char *name, const char *fmt,
                        ...) __attribute__((format(printf, 4, 5)));
void check_missing(struct check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* It needs what is missing, WHAT. */
void check_untried(struct check *k, const char *what);

/* Run F(ARG) in a child and wait for its end: 0, or the errno that F returned. */
int check_try(int (*f)(int arg), int arg);

#endif
