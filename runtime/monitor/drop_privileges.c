/* Drops every privilege. Never undone. */
#include "runtime/monitor/drop_privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/span.h"
#include "runtime/caller/caller.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/plan/filter.h"
#include "schemas/setup.h"

/* Clearing the permitted set clears the ambient one. The bounding set and the securebits only
 * matter to execve(2) and changes of ids, which the filter forbids: 41 calls saved. */
static int drop_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    const struct __user_cap_data_struct none[2] = {0};

    return (int)syscall(SYS_capset, &head, none);
}

/* Not under ASan: its runtime reads its own maps, creates threads and writes reports, with system
 * calls that no table lists. */
static int load_filter(void)
{
#ifdef __SANITIZE_ADDRESS__
    return 0;
#else
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct sock_fprog program = {(unsigned short)filter_monitor(getpid(), code), code};

    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
#endif
}

/* The OOM killer shall prefer a box to the template that boxes are forked from
 * (runtime/jail/enter.c), that to the monitor, and the monitor to the broker, which can still
 * report it. If oom_score_adj cannot be written, size decides. */
static void raise_score(void)
{
    autoclose int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    char text[16] = {0};
    long own;

    if (fd < 0 || pread(fd, text, sizeof text - 1, 0) < 0)
        return;
    own = strtol(text, NULL, 10);
    snprintf(text, sizeof text, "%ld", own + (strtol(SETUP_SCORE_BOX, NULL, 10) - own) / 2);
    if (pwrite(fd, text, strlen(text), 0) < 0)
        return;
}

/* Close every descriptor above 2 that is not in KEEP. */
static int close_others(const int *keep, size_t n)
{
    int from = STDERR_FILENO + 1;

    for (;;) {
        int next = INT_MAX;

        for (size_t i = 0; i < n; i++)
            if (keep[i] >= from && keep[i] < next)
                next = keep[i];
        if (span_close((unsigned)from, (unsigned)next - 1) < 0)
            return -1;
        if (next == INT_MAX)
            return 0;
        from = next + 1;
    }
}

int drop_privileges(struct caller *caller, const int *keep, size_t n, struct fault *why)
{
    int all[DROP_KEEP + 2];
    size_t count = 0;

    raise_score();
    for (; count < n && count < DROP_KEEP; count++)
        all[count] = keep[count];
    if (caller) {
        sink_open(&caller->out);
        sink_open(&caller->err);
        all[count++] = caller->out.own;
        all[count++] = caller->err.own;
    }
    if (close_others(all, count) < 0)
        return fault_set(why, STATUS_SETUP, errno, "monitor", "closing what is not its own");
    if (prctl(PR_SET_DUMPABLE, 0) < 0 || drop_capabilities() < 0)
        return fault_set(why, STATUS_SETUP, errno, "monitor", "dropping its own capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || load_filter() < 0) {
        fault_set(why, STATUS_SETUP, errno, "monitor", "loading its seccomp filter");
        diagnosis_add(why, "seccomp filter");
        return DROP_UNFILTERED;
    }
    return 0;
}
