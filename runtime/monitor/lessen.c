/* Dropping what watching a box does not need. Trusts the plan and the options of this run; decides nothing
 * from the box. Never undone. */
#include "runtime/monitor/lessen.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/broker/box.h"
#include "runtime/caller/caller.h"
#include "runtime/plan/filter.h"

/* Killing the box, and reading of it, is the right of who made its user namespace (user_namespaces(7)), and
 * groups are removed by who may write in their parent. What is left: directories of another user's, and v1's
 * topmost groups (mode 0555), in which root writes by CAP_DAC_OVERRIDE alone. Which files a report or an artifact meets is not known before. */
static uint64_t needed(const struct box *box, const struct caller *caller, bool report)
{
    const uint64_t others = 1ull << CAP_DAC_OVERRIDE;
    struct stat st;

    if (report || caller->artifacts)
        return others;
    for (unsigned i = 0; i < box->group.places; i++)
        if (fstat(box->group.place[i].parent, &st) < 0 || st.st_uid != geteuid() ||
            !(st.st_mode & S_IWUSR))
            return others;
    return 0;
}

/* Ambient capabilities go with the permitted ones. The bounding set and the securebits matter at an exec or
 * a change of ids alone, which the filter forbids: 41 calls saved. */
static int drop_capabilities(uint64_t keep)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};

    if (keep) {
        if (syscall(SYS_capget, &head, data) < 0)
            return -1;
        keep &= data[0].permitted;
    }
    data[0] = (struct __user_cap_data_struct){(uint32_t)keep, (uint32_t)keep, 0};
    data[1] = (struct __user_cap_data_struct){0};
    return (int)syscall(SYS_capset, &head, data);
}

/* ASan's runtime reads its own maps, makes threads and writes reports with calls that no table lists. */
static int load_filter(unsigned more, int box)
{
#ifdef __SANITIZE_ADDRESS__
    (void)more;
    (void)box;
    return 0;
#else
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct sock_fprog program = {(unsigned short)filter_monitor(more, box, code), code};

    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
#endif
}

int monitor_lessen(const struct box *box, struct caller *caller, bool report, struct fault *why)
{
    unsigned more = (caller->artifacts ? FILTER_ARTIFACTS : 0) | (report ? FILTER_REPORT : 0);

    sink_open(&caller->out);
    sink_open(&caller->err);
    if (drop_capabilities(needed(box, caller, report)) < 0)
        return fault_set(why, STATUS_SETUP, errno, "monitor", "dropping its own capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || load_filter(more, box->pid) < 0)
        return fault_set(why, STATUS_SETUP, errno, "monitor", "loading its own filter");
    return 0;
}

/* What lies between those that are kept. */
static int close_others(const int *keep, size_t n)
{
    int from = STDERR_FILENO + 1;

    for (;;) {
        int next = INT_MAX;

        for (size_t i = 0; i < n; i++)
            if (keep[i] >= from && keep[i] < next)
                next = keep[i];
        if (next > from && close_range((unsigned)from, (unsigned)(next - 1), 0) < 0)
            return -1;
        if (next == INT_MAX)
            return 0;
        from = next + 1;
    }
}

int monitor_drop(struct caller *caller, const int *keep, size_t n, struct fault *why)
{
    int all[8];
    size_t count = 0;

    sink_open(&caller->out);
    sink_open(&caller->err);
    for (; count < n && count < 6; count++)
        all[count] = keep[count];
    all[count++] = caller->out.own;
    all[count++] = caller->err.own;
    if (close_others(all, count) < 0)
        return fault_set(why, STATUS_SETUP, errno, "monitor", "closing what is not its own");
    if (prctl(PR_SET_DUMPABLE, 0) < 0 || drop_capabilities(0) < 0)
        return fault_set(why, STATUS_SETUP, errno, "monitor", "dropping its own capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || load_filter(FILTER_SPLIT, getpid()) < 0)
        return fault_set(why, STATUS_SETUP, errno, "monitor", "loading its own filter");
    return 0;
}
