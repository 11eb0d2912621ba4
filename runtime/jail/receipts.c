/* The receipts: what the kernel says of the box, compared with the plan. Each is taken once it is
 * final, and all before the start line: nothing of a bundle runs in a box that differs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/jail/box.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/idmap.h"
#include "runtime/jail/own_filter.h"
#include "runtime/jail/template.h"

#define STATUS_BYTES 8192

static int differs(struct fault *why, const char *what, const char *have, const char *want)
{
    return fault_set(why, STATUS_SETUP, 0, "receipt", "%s is \"%s\" where \"%s\" was asked for",
                     what, have, want);
}

static int unread(struct fault *why, const char *reading, const char *what)
{
    fault_set(why, STATUS_SETUP, errno, "receipt", "%s %s", reading, what);
    return diagnosis_add(why, "receipt");
}

static int receipts_read_file(const char *path, char *text, size_t size, struct fault *why)
{
    autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (n < 0)
        return unread(why, "reading", path);
    text[n] = '\0';
    return 0;
}

static int read_status(const struct box *box, char *text, struct fault *why)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/%d/status", box->in_proc);
    return receipts_read_file(path, text, STATUS_BYTES, why);
}

/* Check that NAME's value in "Name:\tvalue" lines from *AT on is WANT, and move *AT past it: fields
 * are asked for in the kernel's own order (proc(5)), so one pass over the text serves all. */
static int expect(struct field *at, const char *name, const char *want, struct fault *why)
{
    struct field value;
    char have[256];

    if (!field_key(at, name, ':', &value))
        return differs(why, name, "(absent)", want);
    if (field_is(value, want))
        return 0;
    snprintf(have, sizeof have, "%.*s", (int)value.n, value.at);
    return differs(why, name, have, want);
}

/* Filters of this process, its own and its caller's (a container's, a service's), apply to the box
 * too, which must have MORE than these. */
static int expect_filters(struct field *at, unsigned more, struct fault *why)
{
    uint64_t filters;
    char want[24];

    if (own_filter_count(&filters, why) < 0)
        return -1;
    snprintf(want, sizeof want, "%llu", (unsigned long long)filters + more);
    return expect(at, "Seccomp", "2", why) < 0 ? -1 : expect(at, "Seccomp_filters", want, why);
}

static int check_status(const struct box *box, struct fault *why)
{
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
    char text[STATUS_BYTES], ids[64], caps[20];
    struct field at;

    if (read_status(box, text, why) < 0)
        return -1;
    at = field_of(text);
    snprintf(ids, sizeof ids, "%u\t%u\t%u\t%u", box->ids.uid, box->ids.uid, box->ids.uid,
             box->ids.uid);
    if (expect(&at, "Uid", ids, why) < 0)
        return -1;
    snprintf(ids, sizeof ids, "%u\t%u\t%u\t%u", box->ids.gid, box->ids.gid, box->ids.gid,
             box->ids.gid);
    if (expect(&at, "Gid", ids, why) < 0)
        return -1;
    if (box->plan->own_ids && expect(&at, "Groups", "", why) < 0)
        return -1;
    snprintf(caps, sizeof caps, "%016llx", (unsigned long long)box->plan->capabilities);
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (expect(&at, sets[i], caps, why) < 0)
            return -1;
    if (expect(&at, "NoNewPrivs", "1", why) < 0)
        return -1;
    return expect_filters(&at, 1, why);
}

static const char *const rlimits[] = {
#define RLIM(id, text, dflt) text,
#include "schemas/rlimits.def"
#undef RLIM
};

/* A fork has its template's limits, which were checked, except those that it has tightened. */
static bool is_inherited(const struct box *box, int i)
{
    return box->maker == MAKER_WARM &&
           memcmp(&box->plan->rlimits[i], &template_plan(box->template)->rlimits[i],
                  sizeof box->plan->rlimits[i]) == 0;
}

static int check_rlimits(const struct box *box, struct fault *why)
{
    for (int i = 0; i < RLIM__COUNT; i++) {
        const struct plan_rlimit *want = &box->plan->rlimits[i];
        struct rlimit have;

        if (is_inherited(box, i))
            continue;
        if (prlimit(box->pid, (__rlimit_resource_t)i, NULL, &have) < 0)
            return unread(why, "reading the box's rlimit", rlimits[i]);
        if (have.rlim_cur != want->soft || have.rlim_max != want->hard)
            return fault_set(why, STATUS_SETUP, 0, "receipt",
                             "rlimit %s is %llu:%llu where %llu:%llu was asked for", rlimits[i],
                             (unsigned long long)have.rlim_cur, (unsigned long long)have.rlim_max,
                             (unsigned long long)want->soft, (unsigned long long)want->hard);
    }
    return 0;
}

int receipts_prepare(struct box *box, struct fault *why)
{
    int self = getpid();
    autoclose int fd = (int)syscall(SYS_pidfd_open, self, 0);

    for (unsigned i = 0; i < PIDFD_NAMESPACES; i++)
        box->own_ns[i] = pidfd_namespace(fd, pidfd_in_proc(fd, self), i);
    return group_verify(&box->group, &box->limits, why);
}

static int check_namespaces(const struct box *box, struct fault *why)
{
    for (unsigned i = 0; i < PIDFD_NAMESPACES; i++) {
        const char *name = pidfd_namespaces[i];
        bool shared = box->plan->network == NETWORK_HOST && strcmp(name, "net") == 0;
        ino_t its;

        if (box->plan->no_time_namespace && strcmp(name, "time") == 0)
            continue;
        its = pidfd_namespace(box->pidfd, box->in_proc, i);
        if (!box->own_ns[i] || !its)
            return unread(why, "reading namespace", name);
        if ((box->own_ns[i] == its) != shared)
            return fault_set(why, STATUS_SETUP, 0, "receipt", "namespace %s is %s", name,
                             shared ? "the box's own, where the host's was asked for"
                                    : "the monitor's, where a new one was asked for");
    }
    return 0;
}

/* A template's filter has no listener: so this one's is that of a filter which the fork has loaded.
 * What it has may be another descriptor; a listener knows no notification 0. Source: seccomp(2),
 * seccomp_unotify(2). */
static int check_listener(const struct box *box, struct fault *why)
{
    uint64_t none = 0;

    if (ioctl(box->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &none) < 0 && errno == ENOENT)
        return 0;
    return fault_set(why, STATUS_SETUP, 0, "receipt", "a forked box has no filter of its own");
}

/* Without listeners: the template has one filter, and the fork one more. */
static int check_second_filter(const struct box *box, struct fault *why)
{
    char text[STATUS_BYTES];
    struct field at;

    if (read_status(box, text, why) < 0)
        return -1;
    at = field_of(text);
    return expect_filters(&at, 2, why);
}

/* A fork has its template's ids, capabilities and no_new_privs, which were checked: no call that
 * would change them is in the template's filter, nor in its own. */
static int check_fork(const struct box *box, struct fault *why)
{
    return box->plan->unnamed ? check_second_filter(box, why) : check_listener(box, why);
}

int receipts_jail(struct box *box, struct fault *why)
{
    if (box->jail_read)
        return 0;
    /* A fork stays in its template's namespaces, which were checked: no call that would take it into
     * another is in the template's filter, nor in its own. */
    if (check_rlimits(box, why) < 0 ||
        (box->maker == MAKER_COLD && check_namespaces(box, why) < 0) ||
        group_holds(&box->group, box->cgroups, box->in_proc, why) < 0)
        return -1;
    box->jail_read = true;
    return 0;
}

int receipts_read(struct box *box, struct fault *why)
{
    if ((box->maker == MAKER_WARM ? check_fork(box, why) : check_status(box, why)) < 0)
        return -1;
    return receipts_jail(box, why);
}
