/* Build-time: monitor.def -> the seccomp programs that a monitor loads for itself. Reads no input; loads
 * nothing. */
#include "runtime/plan/stock/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/plan/rule.h"
#include "runtime/plan/rules.h"

enum {
    EVER = 0,
    ARTIFACTS = FILTER_ARTIFACTS,
    REPORT = FILTER_REPORT,
    SPLIT = FILTER_SPLIT,
    BOTH = 8
};

static const struct {
    struct rule rule;
    uint32_t action;
} rows[] = {
#define CALL(level, name, why)         {ROW(level, name), SCMP_ACT_ALLOW},
#define CALL_IF(level, name, why, ...) {ROW_IF(level, name, __VA_ARGS__), SCMP_ACT_ALLOW},
#define REFUSE(level, name, why, ...)  {ROW_IF(level, name, __VA_ARGS__), SCMP_ACT_ERRNO(EACCES)},
#include "runtime/plan/stock/monitor.def"
#undef CALL
#undef CALL_IF
#undef REFUSE
};

static bool is_in(int level, unsigned more)
{
    if (more & SPLIT)
        return level == SPLIT || level == BOTH;
    return level == EVER || level == BOTH || level & (int)more;
}

static int add_rows(scmp_filter_ctx ctx, unsigned more)
{
    int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

    if (rc == 0) /* a tree of numbers: seven comparisons, not forty */
        rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == 0; i++) {
        const struct rule *r = &rows[i].rule;

        if (is_in(r->level, more))
            rc = seccomp_rule_add_array(ctx, rows[i].action, r->nr, r->argc, r->args);
    }
    return rc;
}

/* A tracer (strace --inject, the tests of failing calls) skips a call by making its number -1, which the
 * filter sees too. The kernel has no such call: ENOSYS, whoever asks. libseccomp has no rule for it. */
static int allow_skipped(struct sock_filter **program, uint32_t *count)
{
    const struct sock_filter skipped[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const uint32_t n = sizeof skipped / sizeof skipped[0];

    return rules_prepend(skipped, n, program, count);
}

int monitor_compile(unsigned more, struct sock_filter **program, uint32_t *count, struct fault *why)
{
    scmp_filter_ctx ctx;
    int rc;

    seccomp_api_set(5); /* see rules_compile() */
    ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!ctx)
        return fault_set(why, STATUS_SETUP, ENOMEM, "seccomp", "starting a filter");
    rc = add_rows(ctx, more);
    if (rc == 0)
        rc = rules_export(ctx, program, count);
    if (rc == 0)
        rc = allow_skipped(program, count);
    seccomp_release(ctx);
    return rc < 0 ? fault_set(why, STATUS_SETUP, -rc, "seccomp", "compiling the monitor's filter")
                  : 0;
}
