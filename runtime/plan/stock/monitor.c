/* Build-time: monitor.def -> the seccomp program that a monitor loads for itself. Reads no input
 * and loads nothing. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/plan/filter.h"
#include "runtime/plan/rule.h"
#include "runtime/plan/rules.h"
#include "runtime/plan/stock/stock.h"

static const struct rule rows[] = {
#define CALL(name, why)         ROW(0, name),
#define CALL_IF(name, why, ...) ROW_IF(0, name, __VA_ARGS__),
#include "runtime/plan/stock/monitor.def"
#undef CALL
#undef CALL_IF
};

static int add_rows(void *ctx, const void *of)
{
    int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

    if (rc == 0) /* a binary tree: seven comparisons, not forty */
        rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    (void)of;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == 0; i++)
        rc = rules_add_row(ctx, &rows[i]);
    return rc;
}

/* A tracer (strace --inject, the tests of failing calls) skips a call by setting its number
 * to -1, which the filter then sees. The kernel has no such call (ENOSYS); libseccomp has
 * no rule for it. */
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

int monitor_compile(struct sock_filter **program, uint32_t *count, struct fault *why)
{
    if (rules_build(SCMP_ACT_KILL_PROCESS, add_rows, NULL, program, count, why) < 0)
        return -1;
    if (allow_skipped(program, count) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "seccomp", "compiling the monitor's filter");
    return 0;
}
