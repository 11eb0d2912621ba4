/* Shared by the files of this directory: a plan is made in parts, one file per mechanism, in the
 * order of this header. Each returns 0, or -1 and *WHY. */
#ifndef PLAN_PARTS_H
#define PLAN_PARTS_H

#include "runtime/plan/plan.h"

/* Memory that a box needs outside its arena, so that Lua's own error comes before an OOM kill: the
 * program's data, stack and kernel objects (208K under compute, 310K with files and scratch,
 * measured as the peak of a v1 cgroup), and page tables: 8 bytes for each 4K, which is 1/512. */
#define PLAN_BOX_OVERHEAD (448ull << 10)
#define PLAN_PAGE_TABLES  512
#define PLAN_MEMORY_MIN   (1ull << 20)
#define PLAN_ARENA_MIN    (512ull << 10) /* the least with which a bundle's sources and Lua start */
#define PLAN_ARENA_MAX    (1ull << 38)   /* the most that script/ accepts */
/* Address space of the box program outside its arena: its mappings, the vDSO, 8M of stack. */
#define PLAN_AS_SLACK (16ull << 20)

struct ask { /* all that plan_make() may use */
    const struct manifest *manifest;
    const struct grants *grants;
    const struct host *host;
};

int names_add(struct names *n, const char *text); /* adds a copy of TEXT; 0, or -1: no memory */
bool names_have(const struct names *n, const char *text);
void names_free(struct names *n);
int plan_no_memory(struct fault *why); /* fills *WHY; -1 */

/* Check that each of the caller's grants has one of the six forms, asked for or not. */
int grants_check(const struct grants *g, struct fault *why);

/* Whether VALUE of KIND is granted; noted in .granted or .missing. 1 or 0; -1 and
 * *WHY: no memory. */
int grants_ask(struct plan *p, const struct grants *g, const char *kind, const char *value,
               struct fault *why);

/* Note KIND:VALUE once: in .granted if BY is an enum origin, in .missing if it is -1. */
int grants_note(struct plan *p, const char *kind, const char *value, int by, struct fault *why);

/* The largest granted value of limit L; 0 if none. Only the host's policy can grant more than
 * BOUND. *BY: its enum origin. */
uint64_t grants_limit(const struct grants *g, enum limit l, uint64_t bound, int *by);

/* Bytes of the memory limit left for the arena. */
uint64_t plan_room(const struct plan *p);

int plan_limits(struct plan *p, const struct ask *a, struct fault *why);
int plan_rlimits(struct plan *p, const struct ask *a, struct fault *why);
int plan_arena(struct plan *p, const struct ask *a, struct fault *why); /* after the two above */
int plan_rights(struct plan *p, const struct ask *a, struct fault *why);
int plan_mounts(struct plan *p, const struct ask *a, struct fault *why);

#endif
