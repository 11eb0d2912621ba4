/* Finds a v2 group whose children can have controllers. A v2 group with processes of its own cannot
 * enable controllers for children ("no internal process constraint"), and the caller's own group
 * nearly always has one: runbox. So the search goes up, but only past groups without limits: a box
 * must never get more than its caller has. */
#include "cgroups/unified.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/leaf.h"
#include "cgroups/parent.h"
#include "cgroups/place.h"
#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

static const char *const limit_files[CONTROLLER__COUNT] = {
    [CONTROLLER_MEMORY] = "memory.max",
    [CONTROLLER_PIDS] = "pids.max",
    [CONTROLLER_CPU] = "cpu.max",
    [CONTROLLER_IO] = "io.max",
};

/* Whether DIR has no processes of its own, or will have none, or is the root, which may have both. */
static bool may_enable(int dir)
{
    char text[16];

    if (faccessat(dir, "cgroup.type", F_OK, 0) < 0)
        return true;
    return cgroup_read_text(dir, "cgroup.procs", text, sizeof text) == 0 || leaf_is_foreseen(dir);
}

/* Whether DIR enables CONTROLLER for its children, or can be made to. */
static bool offers(int dir, enum controller controller)
{
    const char *name = controller_text(controller, HIERARCHY_V2);

    if (cgroup_has_word(dir, "cgroup.subtree_control", name))
        return true;
    return cgroup_has_word(dir, "cgroup.controllers", name) && may_enable(dir) &&
           faccessat(dir, "cgroup.subtree_control", W_OK, AT_EACCESS) == 0;
}

static bool limits_nothing(int dir)
{
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        char text[4096];
        struct field rest, line, word;
        ssize_t n = cgroup_read_text(dir, limit_files[i], text, sizeof text);

        rest = n > 0 ? field_of(text) : (struct field){0};
        if (n > 0 &&
            !(field_line(&rest, &line) && field_word(&line, &word) && field_is(word, "max")))
            return false;
    }
    return true;
}

static bool writable(int dir)
{
    return faccessat(dir, ".", W_OK, AT_EACCESS) == 0 &&
           faccessat(dir, "cgroup.procs", W_OK, AT_EACCESS) == 0;
}

static bool unified_take(struct cgroups *c, const char *path, int dir)
{
    bool any = false;

    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        if (c->version[i] != HIERARCHY_NONE || !offers(dir, (enum controller)i))
            continue;
        c->version[i] = HIERARCHY_V2;
        snprintf(c->dir[i], sizeof c->dir[i], "%s", path);
        c->why[i][0] = '\0';
        any = true;
    }
    return any;
}

/* On a hybrid host, the reason already found for a controller's v1 hierarchy is the better one. */
static void refuse(struct cgroups *c, const char *why)
{
    for (int i = 0; i < CONTROLLER__COUNT; i++)
        if (c->version[i] == HIERARCHY_NONE && !c->dir[i][0])
            snprintf(c->why[i], sizeof c->why[i], "%s", why);
}

/* Say why DIR, the parent that was named, cannot enable a controller for its children. */
static void refuse_named(struct cgroups *c, const char *path, int dir)
{
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        const char *name = controller_text((enum controller)i, HIERARCHY_V2);

        if (c->version[i] == HIERARCHY_NONE && !c->dir[i][0])
            snprintf(
                c->why[i], sizeof c->why[i],
                cgroup_has_word(dir, "cgroup.controllers", name)
                    ? "%.200s has processes, so it cannot delegate %s (move them to a child group)"
                    : "%.200s does not have %s (write +%s to the cgroup.subtree_control above it)",
                path, name, name);
    }
}

/* Say what stands in the way in the root group of a container. The root of all, which has no type, may have
 * processes: there it is something else. */
static void refuse_root(struct cgroups *c, int dir)
{
    const char *more = leaf_refusal();
    char text[sizeof c->why[0]];

    if (may_enable(dir))
        return;
    if (cgroup_read_text(dir, "cgroup.controllers", text, sizeof text) <= 1) {
        refuse(c, "cgroup v2: no controller was delegated to the container: its runtime has to "
                  "(cgroup.subtree_control of the group above)");
        return;
    }
    snprintf(text, sizeof text,
             "cgroup v2: the container's root group has processes, so it cannot have limited "
             "children%s%.140s: %s",
             *more ? ", and " : "", more, leaf_cure());
    refuse(c, text);
}

static int resolve_named(struct cgroups *c, const char *path, struct fault *why)
{
    char reason[sizeof c->why[0]];
    int there = parent_check(path, reason, sizeof reason, why);
    autoclose int dir = there > 0 ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

    if (there == 0)
        refuse(c, reason);
    if (dir >= 0) {
        unified_take(c, path, dir);
        refuse_named(c, path, dir);
    }
    return there < 0 ? -1 : 0;
}

int unified_resolve(struct cgroups *c, const char *point, struct field path, bool given,
                    struct fault *why)
{
    char at[CGROUP_PATH_MAX], reason[sizeof c->why[0]];
    size_t root = strlen(point);

    if (place_find(at, point, path, reason, sizeof reason) < 0) {
        refuse(c, reason);
        for (int i = 0; i < CONTROLLER__COUNT; i++)
            c->unfound[i] |= c->version[i] == HIERARCHY_NONE && !c->dir[i][0];
        return 0;
    }
    if (given)
        return resolve_named(c, at, why);
    for (;;) {
        autoclose int dir = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (dir < 0 || !writable(dir)) {
            snprintf(reason, sizeof reason,
                     "cgroup v2: runbox cannot make a group below its own: %s",
                     parent_cure(HIERARCHY_V2, errno));
            refuse(c, reason);
            return 0;
        }
        if (unified_take(c, at, dir))
            return 0;
        if (strlen(at) <= root) {
            refuse_root(c, dir);
            return 0;
        }
        if (!limits_nothing(dir)) {
            refuse(c, "cgroup v2: runbox's own group has limits and processes, so it cannot have "
                      "limited children; name another with --cgroup-parent");
            return 0;
        }
        *strrchr(at, '/') = '\0';
    }
}
