/* Facts about the host, from system calls that change nothing. */
#include "runtime/host/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/host/naming.h"

/* Box ids begin here: above every range that login.defs, systemd and subuid hand out, and below
 * 2^31, where some file systems' ids end. */
#define UID_BASE 0x70000000u

/* Whether the line "INSIDE OUTSIDE COUNT" (user_namespaces(7)) covers all box ids. */
static bool has_box_ids(struct field line)
{
    uint64_t map[3];

    for (int i = 0; i < 3; i++) {
        struct field word;

        if (!field_word(&line, &word) || field_number(word, &map[i]) < 0)
            return false;
    }
    return map[0] <= UID_BASE && map[2] <= UINT32_MAX &&
           map[0] + map[2] >= UID_BASE + (uint64_t)BOX_IDS;
}

/* Set *HAS if this process's user namespace maps the whole range of box ids, so that it can give
 * one to a child. A kernel without user namespaces has no such file, and all ids. */
static int maps_box_ids(const char *path, bool *has, struct fault *why)
{
    FILE *f = fopen(path, "re");
    autofree char *text = NULL;
    size_t room = 0;
    int error;

    *has = !f && errno == ENOENT;
    if (!f)
        return *has ? 0 : fault_set(why, STATUS_SETUP, errno, path, "opening it");
    while (!*has && getline(&text, &room, f) > 0) {
        struct field rest = field_of(text), line;

        *has = field_line(&rest, &line) && has_box_ids(line);
    }
    error = *has || feof(f) ? 0 : errno; /* getline(3) failed before the end */
    fclose(f);
    return error ? fault_set(why, STATUS_SETUP, error, path, "reading it") : 0;
}

static int has_capabilities(bool *all, struct fault *why)
{
    static const cap_value_t needed[] = {CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN};
    cap_t caps = cap_get_proc();

    *all = caps != NULL;
    if (!caps)
        return fault_set(why, STATUS_SETUP, errno, "capabilities", "reading runbox's own");
    for (size_t i = 0; *all && i < sizeof needed / sizeof needed[0]; i++) {
        cap_flag_value_t value = CAP_CLEAR;

        *all = cap_get_flag(caps, needed[i], CAP_EFFECTIVE, &value) == 0 && value == CAP_SET;
    }
    cap_free(caps);
    return 0;
}

/* Whether boxes can be given ids of their own. */
static int is_root(bool *root, struct fault *why)
{
    if (has_capabilities(root, why) < 0 ||
        (*root && maps_box_ids("/proc/self/uid_map", root, why) < 0) ||
        (*root && maps_box_ids("/proc/self/gid_map", root, why) < 0))
        return -1;
    return 0;
}

/* Root here, without the rights of the host's: an ordinary user can run where root cannot, unless a
 * filter keeps everyone from making namespaces, as Docker's default profile does. The kernel's own
 * answer to a clone3(2) without arguments is EINVAL. */
static int fault_root(struct fault *why)
{
    bool refused = syscall(SYS_clone3, NULL, 0) < 0 && errno != EINVAL;

    return fault_set(
        why, STATUS_SETUP, 0, "host",
        "runbox runs as root here but cannot give a box an id of its own (it needs "
        "CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN and a user namespace that maps the ids "
        "from %u): run it as an ordinary user instead%s",
        UID_BASE,
        refused ? ", in a container with a seccomp profile (--security-opt seccomp=FILE) that "
                  "allows clone3, unshare, mount, umount2 and pivot_root, which this one's does not"
                : "");
}

/* Whether it is not known that none may be made. A file that is not there or cannot be read shows
 * nothing: /proc may be mounted with subset=pid, or be another's; making one tells. */
static bool user_namespaces_allowed(void)
{
    autoclose int fd = open("/proc/sys/user/max_user_namespaces", O_RDONLY | O_CLOEXEC);
    char text[32];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    return n < 0 || n == 0 || text[0] != '0';
}

/* One that this process has a file of: without /proc nothing is known. */
static bool lacks_time_namespaces(void)
{
    return access("/proc/self/ns/time", F_OK) < 0 && errno == ENOENT &&
           access("/proc/self/ns/user", F_OK) == 0;
}

static uint32_t cpus_usable(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t)CPU_COUNT(&set) : 1;
}

static void controllers_copy(struct host *h, const struct cgroups *c)
{
    _Static_assert(sizeof h->missing == sizeof c->why && sizeof h->controllers == sizeof c->version,
                   "one copy each");
    memcpy(h->controllers, c->version, sizeof h->controllers);
    memcpy(h->missing, c->why, sizeof h->missing);
    memcpy(h->lacks, c->lacks, sizeof h->lacks);
}

int host_probe(struct host *h, struct cgroups *c, const char *parent, struct fault *why)
{
    struct sysinfo info;
    long abi;

    *h = (struct host){.uid = geteuid(), .gid = getegid(), .uid_base = UID_BASE};
    if (is_root(&h->root, why) < 0)
        return -1;
    h->user_namespaces = h->root || user_namespaces_allowed();
    h->swap = sysinfo(&info) < 0 || info.totalswap > 0; /* refused: unknown is not none */
    h->cpus = cpus_usable();
    abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    h->landlock_abi = abi < 0 ? 0 : (int)abi;
    h->unnamed = host_unnamed();
    h->no_time_namespace = lacks_time_namespaces();
    for (int i = 0; i < RLIM__COUNT; i++) {
        struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};

        getrlimit((__rlimit_resource_t)i, &r);
        h->rlimit_hard[i] = r.rlim_max;
    }
    if (cgroups_probe(c, parent, why) < 0)
        return -1;
    h->parent_named = parent != NULL;
    controllers_copy(h, c);
    /* Last, for who wants to know the rest all the same (checkup.h). */
    return !h->root && h->uid == 0 ? fault_root(why) : 0;
}
