/* The eight namespaces, each made for real by a child of this user, as for a box: first a user
 * namespace, which then owns the other. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fields.h"
#include "runtime/host/checkup.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static const struct kind {
    const char *name, *file, *config;
    int flag;
} kinds[] = {
    {"user", "/proc/self/ns/user", "CONFIG_USER_NS", 0},
    {"mount", "/proc/self/ns/mnt", "CONFIG_NAMESPACES", CLONE_NEWNS},
    {"pid", "/proc/self/ns/pid", "CONFIG_PID_NS", CLONE_NEWPID},
    {"network", "/proc/self/ns/net", "CONFIG_NET_NS", CLONE_NEWNET},
    {"ipc", "/proc/self/ns/ipc", "CONFIG_IPC_NS", CLONE_NEWIPC},
    {"uts", "/proc/self/ns/uts", "CONFIG_UTS_NS", CLONE_NEWUTS},
    {"cgroup", "/proc/self/ns/cgroup", "CONFIG_CGROUPS", CLONE_NEWCGROUP},
    {"time", "/proc/self/ns/time", "CONFIG_TIME_NS", CLONE_NEWTIME},
};

static int checkup_namespaces_enter(int flag)
{
    return unshare(CLONE_NEWUSER | flag) < 0 ? errno : 0;
}

/* Settings that may forbid user namespaces: the value that does, and one that permits them; EVERYBODY's, or
 * others' than root's. */
static const struct setting {
    const char *file, *name, *refuses, *permits;
    bool everybody;
} settings[] = {
    {"/proc/sys/user/max_user_namespaces", "user.max_user_namespaces", "0", "15000", true},
    {"/proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone", "0", "1",
     false},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
     "kernel.apparmor_restrict_unprivileged_userns", "1", "0", false},
};

/* "user.max_user_namespaces=7614, ...", of the settings that this kernel has; *AGAINST: the first
 * that forbids, or NULL. */
static void settings_text(char *out, size_t size, const struct setting **against)
{
    char value[64];
    size_t len = 0;

    *out = '\0';
    *against = NULL;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (!field_file(settings[i].file, value, sizeof value) || len >= size)
            continue;
        len += (size_t)snprintf(out + len, size - len, "%s%s=%s", len ? ", " : "", settings[i].name,
                                value);
        if (!*against && strcmp(value, settings[i].refuses) == 0 &&
            (settings[i].everybody || geteuid()))
            *against = &settings[i];
    }
}

static void checkup_namespaces_explain(struct check *k, const struct kind *kind, int err)
{
    const struct setting *against;
    char text[256];

    settings_text(text, sizeof text, &against);
    snprintf(k->what, sizeof k->what, "%s", strerror(err));
    if (kind->flag == CLONE_NEWTIME)
        snprintf(k->what, sizeof k->what, "boxes run without this additional layer");
    if (access(kind->file, F_OK) < 0)
        check_missing(k, "a kernel with %s", kind->config);
    else if (kind->flag == 0 && against)
        check_missing(k, "sysctl -w %s=%s (now: %s)%s", against->name, against->permits, text,
                      against->everybody ? "" : ", or run as root");
    else if (err == ENOSPC)
        check_missing(k, "a larger user.max_%s_namespaces (sysctl), or fewer namespaces in use",
                      strcmp(kind->name, "mount") == 0     ? "mnt"
                      : strcmp(kind->name, "network") == 0 ? "net"
                                                           : kind->name);
    else
        check_missing(k, "in a container or a sandbox, its seccomp profile, capabilities and "
                         "security module must permit user namespaces");
}

void checkup_namespaces(struct checkup *c)
{
    bool user = false;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct check *k = check_add(c, "namespaces", kinds[i].name, "made by uid %u", geteuid());
        const struct setting *against;
        int err;

        if (!c->forks || (i > 0 && !user)) {
            check_untried(k, c->forks ? "the user namespace" : "processes");
            continue;
        }
        err = check_try(checkup_namespaces_enter, kinds[i].flag);
        if (err)
            checkup_namespaces_explain(k, &kinds[i], err);
        else if (i == 0)
            settings_text(k->what, sizeof k->what, &against);
        user |= i == 0 && !err;
    }
}
