/* The host's facts, by system calls that change nothing. */
#include "runtime/monitor/host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "runtime/base/fd.h"

/* Ids of boxes are this plus the box's pid: above every range that login.defs, systemd and subuid
 * hand out, and (pids end below 2^22) still below 2^31, where some file systems' ids end. */
#define UID_BASE  0x70000000u
#define PID_LIMIT (1u << 22)

/* Whether this process's user namespace has the whole range of box ids, to give one to a child. */
static bool maps_box_ids(const char *file)
{
    autoclose int fd = open(file, O_RDONLY | O_CLOEXEC);
    char text[4096];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (n <= 0)
        return false;
    text[n] = '\0';
    for (char *at = text; *at; at += *at == '\n') {
        unsigned long long inside, outside, count;

        if (sscanf(at, "%llu %llu %llu", &inside, &outside, &count) == 3 && inside <= UID_BASE &&
            inside + count >= UID_BASE + (unsigned long long)PID_LIMIT)
            return true;
        at += strcspn(at, "\n");
    }
    return false;
}

static bool has_capabilities(void)
{
    static const cap_value_t needed[] = {CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN};
    cap_t caps = cap_get_proc();
    bool all = caps != NULL;

    for (size_t i = 0; all && i < sizeof needed / sizeof needed[0]; i++) {
        cap_flag_value_t value = CAP_CLEAR;

        all = cap_get_flag(caps, needed[i], CAP_EFFECTIVE, &value) == 0 && value == CAP_SET;
    }
    cap_free(caps);
    return all;
}

static bool user_namespaces_allowed(void)
{
    autoclose int fd = open("/proc/sys/user/max_user_namespaces", O_RDONLY | O_CLOEXEC);
    char text[32];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (n <= 0)
        return false;
    text[n] = '\0';
    return strtoul(text, NULL, 10) > 0;
}

static uint32_t cpus_usable(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t)CPU_COUNT(&set) : 1;
}

static void controllers_copy(struct host *h, const struct cgroups *c)
{
    static const enum controller_home homes[] = {
        [CGROUP_ABSENT] = HOME_NONE, [CGROUP_V1] = HOME_V1, [CGROUP_V2] = HOME_V2};

    h->controllers[CONTROLLER_MEMORY] = homes[c->version[CGROUP_MEMORY]];
    h->controllers[CONTROLLER_PIDS] = homes[c->version[CGROUP_PIDS]];
    h->controllers[CONTROLLER_CPU] = homes[c->version[CGROUP_CPU]];
    h->controllers[CONTROLLER_IO] = homes[c->version[CGROUP_IO]];
}

int host_probe(struct host *h, struct cgroups *c, const char *parent, struct fault *why)
{
    struct sysinfo info;
    long abi;

    *h = (struct host){.uid = geteuid(), .gid = getegid(), .uid_base = UID_BASE};
    h->root = has_capabilities() && maps_box_ids("/proc/self/uid_map") &&
              maps_box_ids("/proc/self/gid_map");
    if (!h->root && h->uid == 0)
        return fault_set(
            why, STATUS_SETUP, 0, "host",
            "runbox runs as root here but cannot give a box an id of its own (it needs "
            "CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN and a user namespace that maps the ids "
            "from %u): run it as an ordinary user instead",
            UID_BASE);
    h->user_namespaces = h->root || user_namespaces_allowed();
    h->swap = sysinfo(&info) == 0 && info.totalswap > 0;
    h->cpus = cpus_usable();
    abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    h->landlock_abi = abi < 0 ? 0 : (int)abi;
    for (int i = 0; i < RLIM__COUNT; i++) {
        struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};

        getrlimit((__rlimit_resource_t)i, &r);
        h->rlimit_hard[i] = r.rlim_max;
    }
    if (cgroups_probe(c, parent, why) < 0)
        return -1;
    controllers_copy(h, c);
    return 0;
}
