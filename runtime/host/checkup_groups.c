/* Where each cgroup controller is, and whether this user may make groups there. A controller works
 * if a run would use it (host_probe()); libcgroup, asked through a program of its own, is a second
 * opinion and says what an administrator would have to change. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/admin.h"
#include "cgroups/leaf.h"
#include "runtime/base/fd.h"
#include "runtime/host/checkup.h"
#include "runtime/jail/exe.h"

/* For who may change nothing; root is told with each controller what it may. */
#define DELEGATE                                                                 \
    "run as root, or below a group given to uid %u: systemd-run --user --scope " \
    "-p Delegate=yes on v2, cgconfigparser -l runbox.conf on v1 (see runbox-doctor(1))"

static const struct {
    const char *limits, *config;
} needed_by[CONTROLLER__COUNT] = {
    [CONTROLLER_MEMORY] = {"memory and swap", "CONFIG_MEMCG"},
    [CONTROLLER_PIDS] = {"processes", "CONFIG_CGROUP_PIDS"},
    [CONTROLLER_CPU] = {"cpus", "CONFIG_CFS_BANDWIDTH"},
    [CONTROLLER_IO] = {"io_read and io_write", "CONFIG_BLK_DEV_THROTTLING"},
};

static int in_kernel(enum controller i)
{
    FILE *f = fopen("/proc/cgroups", "re");
    char text[4096] = "";

    if (f) {
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        fclose(f);
    }
    return admin_in_kernel(text, i);
}

/* Where it is said how a controller can be used. */
static const char *more(void)
{
    return geteuid() ? "see delegation, below" : "as is said there";
}

/* Report why a run cannot use the controller, and what would change that. */
static void check_absent(struct checkup *c, enum controller i, const struct admin *a)
{
    const char *name = controller_text(i, HIERARCHY_V1);
    const struct admin_controller *seen = a ? &a->controller[i] : NULL;
    struct check *k =
        check_add(c, "controllers", controller_text(i, HIERARCHY_V2), "%s (it enforces %s)",
                  *c->cgroups.why[i] ? c->cgroups.why[i] : c->verdict, needed_by[i].limits);
    int built = in_kernel(i);

    if (geteuid() && seen && seen->version == HIERARCHY_V1 && c->cgroups.dir[i][0])
        snprintf(k->what, sizeof k->what, "cgroup1 %.250s%.250s does not let uid %u make groups",
                 seen->mount, strcmp(seen->path, "/") == 0 ? "" : seen->path, geteuid());
    if (built < 0)
        check_missing(k, "a kernel with %s", needed_by[i].config);
    else if (built == 0)
        check_missing(k, "boot without cgroup_disable=%s, or with cgroup_enable=%s", name, name);
    else if (c->cgroups.unmounted[i])
        check_missing(k, "mount it: systemd does; by hand, mount -t cgroup2 none /sys/fs/cgroup");
    else if (c->cgroups.unfound[i])
        check_missing(k, "mount the cgroup file system anew in this cgroup namespace (mount -t "
                         "cgroup2), or start runbox outside it; cgroup_namespaces(7)");
    else
        check_missing(k, "%s", more());
}

/* Of swap, the kernel's checks tell: it matters only where the host swaps. */
static void check_files(struct check *k, const struct cgroups *c, enum controller i)
{
    for (int l = 0; l < LIMIT__COUNT; l++) {
        const char *file = limit_file[l].name[c->version[i]];
        size_t n = strlen(k->what);

        if (limit_file[l].controller != i || !c->lacks[l] || l == LIMIT_SWAP)
            continue;
        snprintf(k->what + n, sizeof k->what - n, ", which has no %s", file);
        check_missing(k, "%s", limit_file[l].cure);
        return;
    }
}

static void check_controller(struct checkup *c, enum controller i, const struct admin *a)
{
    static const char *const layer[] = {[HIERARCHY_V1] = "cgroup1", [HIERARCHY_V2] = "cgroup2"};
    enum hierarchy v = c->cgroups.version[i];
    struct check *k;

    if (v == HIERARCHY_NONE) {
        check_absent(c, i, a);
        return;
    }
    k = check_add(c, "controllers", controller_text(i, HIERARCHY_V2), "%s %s%s", layer[v],
                  c->cgroups.dir[i],
                  a && a->controller[i].made ? ", a group was made and removed" : "");
    /* On v2 a run's groups may be made elsewhere: this process's own group holds a process. */
    if (a && v == HIERARCHY_V1 && !a->controller[i].made) {
        snprintf(k->what, sizeof k->what, "%s %s: %s", layer[v], c->cgroups.dir[i],
                 a->controller[i].why);
        check_missing(k, "%s", more());
    }
    check_files(k, &c->cgroups, i);
}

/* libcgroup and runbox read the same files independently: where they differ, one is wrong. */
static void check_agreement(struct checkup *c, const struct admin *a)
{
    struct check *k =
        check_add(c, "controllers", "libcgroup", "finds each controller where runbox does");

    for (int i = 0; i < CONTROLLER__COUNT && k->state == CHECK_WORKS; i++) {
        enum hierarchy v = c->cgroups.version[i];

        if (v == HIERARCHY_NONE || a->controller[i].version == v)
            continue;
        snprintf(k->what, sizeof k->what, "finds %s on version %d, runbox on version %d",
                 controller_text((enum controller)i, v), a->controller[i].version, v);
        check_missing(k, "report this to the authors of runbox, with /proc/self/mountinfo");
    }
}

static void check_delegation(struct checkup *c)
{
    struct check *k;
    int usable = 0;

    for (int i = 0; i < CONTROLLER__COUNT; i++)
        usable += c->cgroups.version[i] != HIERARCHY_NONE;
    k = check_add(c, "controllers", "delegation",
                  "uid %u can make groups for %d of %d controllers%s", geteuid(), usable,
                  CONTROLLER__COUNT,
                  leaf_is_foreseen(-1) ? ", once a run has moved all processes of the container's "
                                         "root group to runbox-leaf below it"
                                       : "");
    if (usable)
        return;
    snprintf(k->what, sizeof k->what,
             "nothing is delegated to uid %u: memory is held by arena and "
             "rlimits, processes by an rlimit",
             geteuid());
    if (geteuid())
        check_missing(k, DELEGATE, geteuid());
    else
        check_missing(k, "what stands with each controller, above");
}

void checkup_groups(struct checkup *c)
{
    struct fault why = {0};
    struct admin admin;
    char path[4096];
    bool asked = exe_path("runbox-cgroups", path, sizeof path, &why) == 0 &&
                 admin_ask(path, &admin, &why) == 0;

    for (int i = 0; i < CONTROLLER__COUNT; i++)
        check_controller(c, (enum controller)i, asked ? &admin : NULL);
    check_delegation(c);
    if (asked) {
        check_agreement(c, &admin);
        return;
    }
    check_missing(check_add(c, "controllers", "libcgroup", "%.200s: %.400s", why.where, why.what),
                  "the library libcgroup 2 (Debian: libcgroup2); only doctor uses it");
}
