/* Finding a v2 group that may have children with controllers. A v2 group with processes of its own can
 * hand no controller down ("no internal process constraint"), and the caller's own group nearly always
 * has one: runbox. So the search goes up, but only past groups that limit nothing: a box must never get
 * more than its caller has. */
#include "cgroups/unified.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "runtime/base/fd.h"

static const char *const limit_files[CGROUP__COUNT] = {
    [CGROUP_MEMORY] = "memory.max",
    [CGROUP_PIDS] = "pids.max",
    [CGROUP_CPU] = "cpu.max",
    [CGROUP_IO] = "io.max",
};

/* No processes of its own, or the root of the hierarchy, which may have both. */
static bool may_enable(int dir)
{
    char text[16];

    if (faccessat(dir, "cgroup.type", F_OK, 0) < 0)
        return true;
    return cgroup_read_text(dir, "cgroup.procs", text, sizeof text) == 0;
}

/* DIR hands CONTROLLER down to its children, or can be made to. */
static bool offers(int dir, enum cgroup_controller controller)
{
    const char *name = cgroup_controller_text(controller, CGROUP_V2);

    if (cgroup_has_word(dir, "cgroup.subtree_control", name))
        return true;
    return cgroup_has_word(dir, "cgroup.controllers", name) && may_enable(dir) &&
           faccessat(dir, "cgroup.subtree_control", W_OK, AT_EACCESS) == 0;
}

static bool limits_nothing(int dir)
{
    for (int i = 0; i < CGROUP__COUNT; i++) {
        char text[64];
        ssize_t n = cgroup_read_text(dir, limit_files[i], text, sizeof text);

        if (n > 0 && strncmp(text, "max", 3) != 0)
            return false;
    }
    return true;
}

static bool writable(int dir)
{
    return faccessat(dir, ".", W_OK, AT_EACCESS) == 0 &&
           faccessat(dir, "cgroup.procs", W_OK, AT_EACCESS) == 0;
}

static bool take(struct cgroups *c, const char *path, int dir)
{
    bool any = false;

    for (int i = 0; i < CGROUP__COUNT; i++) {
        if (c->version[i] != CGROUP_ABSENT || !offers(dir, (enum cgroup_controller)i))
            continue;
        c->version[i] = CGROUP_V2;
        snprintf(c->dir[i], sizeof c->dir[i], "%s", path);
        c->why[i][0] = '\0';
        any = true;
    }
    return any;
}

/* On a hybrid host, what was said of a controller's v1 hierarchy is nearer to the truth. */
static void refuse(struct cgroups *c, const char *why)
{
    for (int i = 0; i < CGROUP__COUNT; i++)
        if (c->version[i] == CGROUP_ABSENT && strncmp(c->why[i], "cgroup v1", 9) != 0)
            snprintf(c->why[i], sizeof c->why[i], "%s", why);
}

void unified_resolve(struct cgroups *c, const char *point, const char *path, size_t n, bool given)
{
    char at[CGROUP_PATH_MAX];
    size_t root = strlen(point);

    if (snprintf(at, sizeof at, "%s%.*s", point, n > 1 ? (int)n : 0, path) >= (int)sizeof at)
        return;
    for (;;) {
        autoclose int dir = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (dir < 0 || !writable(dir)) {
            refuse(c,
                   "cgroup v2: runbox may not make a group below its own; it needs a delegated one "
                   "(systemd-run --user --scope -p Delegate=yes)");
            return;
        }
        if (take(c, at, dir) || given || strlen(at) <= root)
            return;
        if (!limits_nothing(dir)) {
            refuse(c,
                   "cgroup v2: runbox's own group has limits and processes, so that it cannot have "
                   "limited children; name another with --cgroup-parent");
            return;
        }
        *strrchr(at, '/') = '\0';
    }
}
