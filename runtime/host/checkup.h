/* What `runbox doctor` finds out: each thing that a box is made of, tried for real by this user on this
 * host. Whatever is made for a try is gone when it returns. One thing may stay, as after any run: on cgroup
 * v2, controllers that were turned on for the groups below the one that runbox may use. */
#ifndef HOST_CHECKUP_H
#define HOST_CHECKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "cgroups/cgroups.h"
#include "runtime/plan/plan.h"

enum check_state {
    CHECK_WORKS,
    CHECK_MISSING, /* .how says how to get it */
    CHECK_UNTRIED, /* something above it is missing */
};

struct check {
    const char *section, *name; /* static; together unique */
    enum check_state state;
    char what[640]; /* what was found */
    char how[384];  /* how to get what is missing; "" where it works */
};

#define CHECKS_MAX 40

struct checkup {
    struct check check[CHECKS_MAX];
    size_t count;

    struct host host; /* as a run sees them */
    struct cgroups cgroups;
    bool known; /* host and cgroups could be asked */
    /* doctor_verdict()'s: */
    struct plan *plan;  /* of a manifest that says nothing; NULL where it cannot be made */
    bool enforceable;   /* every default limit is held by a layer, and a box so confined was made */
    char verdict[2304]; /* one line */
};

/* Everything but the verdict, in the order in which it is printed. checkup_free() after. */
void checkup_run(struct checkup *c);
void checkup_free(struct checkup *c);

/* "works", "missing", "untried". */
const char *check_state_text(enum check_state s);

/* The parts, each adding its checks. */
void checkup_kernel(struct checkup *c);
void checkup_namespaces(struct checkup *c);
void checkup_groups(struct checkup *c);

/* Add a check that works, with what was found; one that does not is then given its .state and .how. */
struct check *check_add(struct checkup *c, const char *section, const char *name, const char *fmt,
                        ...) __attribute__((format(printf, 4, 5)));
void check_missing(struct check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The first line of FILE without its newline; NULL where it cannot be read. */
const char *check_line(const char *file, char *text, size_t size);

/* Run F(ARG) in a child that lives no longer than it: 0, or the errno that it returned. */
int check_try(int (*f)(int arg), int arg);

#endif
