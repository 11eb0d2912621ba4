/* Build-time: never.def without broker.def -> the seccomp program that a broker loads for itself, its
 * boxes and its monitors. Reads no input and loads nothing.
 *
 * It refuses with SECCOMP_RET_TRACE, without a tracer ENOSYS: what a box's own filter answers to the
 * same call, and a monitor's, goes before that (seccomp(2)), so that they are killed, and named. */
#include <errno.h>
#include <seccomp.h>
#include <string.h>

#include "runtime/plan/rules.h"
#include "runtime/plan/stock/stock.h"

static const char *const never[] = {
#define NEVER(name, why) #name,
#include "runtime/plan/never.def"
#undef NEVER
};

static const char *const kept[] = {
#define KEPT(name, why) #name,
#include "runtime/plan/stock/broker.def"
#undef KEPT
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static bool is_kept(const char *name)
{
    for (size_t i = 0; i < COUNT(kept); i++)
        if (strcmp(kept[i], name) == 0)
            return true;
    return false;
}

static int broker_add_rows(void *ctx, const void *of)
{
    /* A box's filter names calls of other architectures, too. */
    int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_TRACE(0));

    if (rc == 0) /* a binary tree: each call that is allowed takes seven comparisons, not eighty */
        rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    (void)of;
    for (size_t i = 0; i < COUNT(never) && rc == 0; i++) {
        int nr = seccomp_syscall_resolve_name(never[i]);

        if (!is_kept(never[i]) && nr >= 0) /* a negative one: not of this processor */
            rc = seccomp_rule_add_array(ctx, SCMP_ACT_TRACE(0), nr, 0, NULL);
    }
    return rc;
}

int broker_compile(struct sock_filter **program, uint32_t *count, struct fault *why)
{
    return rules_build(SCMP_ACT_ALLOW, broker_add_rows, NULL, program, count, why);
}
