/* A box's groups. The process that makes a directory holds a lock (flock(2)) on it for as long as
 * it lives: a free lock means the owner is gone, so the next run may sweep it. Does not use
 * libcgroup, which takes 0.8 to 1 ms to start, and whose delete of a busy v1 group moves the
 * process to the parent, outside every limit, and reports success. */
#include "cgroups/group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/limits.h"
#include "cgroups/remove.h"
#include "runtime/base/fd.h"

/* Make and lock the group in PLACE. 0, or -1 and *WHY; 1: try another name, since this one is a
 * leftover of another process (with the same pid), or a sweeper removed it before it was locked. */
static int make_one(const struct group *g, struct group_place *place, struct fault *why)
{
    autoclose int dir = -1;
    int locked;

    if (mkdirat(place->parent, g->name, 0700) < 0)
        return errno == EEXIST
                   ? 1
                   : fault_set(why, STATUS_SETUP, errno, "cgroup", "making group %s", g->name);
    dir = openat(place->parent, g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    locked = dir >= 0 ? lock_one(place->parent, g->name, dir) : errno == ENOENT ? 0 : -1;
    if (locked < 0) {
        fault_set(why, STATUS_SETUP, errno, "cgroup", "%s group %s",
                  dir < 0 ? "opening" : "locking", g->name);
        unlinkat(place->parent, g->name, AT_REMOVEDIR);
    }
    if (locked <= 0)
        return locked < 0 ? -1 : 1;
    place->dir = steal_fd(&dir);
    /* v1's cgroup.procs moves every thread of a process and takes a global lock that, after an idle
     * period, waits several ms for a grace period; "0" to tasks moves only the writer, unlocked. */
    if (place->version == HIERARCHY_V1)
        place->join = openat(place->dir, "tasks", O_WRONLY | O_CLOEXEC);
    if (place->version == HIERARCHY_V1 && place->join < 0)
        return fault_set(why, STATUS_SETUP, errno, "cgroup", "opening tasks of group %s", g->name);
    return 0;
}

static void group_drop(struct group *g)
{
    for (unsigned i = 0; i < g->places; i++) {
        struct group_place *place = &g->place[i];

        if (place->dir >= 0) {
            unlinkat(place->parent, g->name, AT_REMOVEDIR); /* while locked, the name is ours */
            close(steal_fd(&place->dir));
        }
        if (place->join >= 0)
            close(steal_fd(&place->join));
    }
}

static void group_forget(struct group *g)
{
    for (unsigned i = 0; i < g->places; i++)
        close(g->place[i].parent);
    if (g->peak >= 0)
        close(g->peak);
    if (g->usage >= 0)
        close(g->usage);
    if (g->kills >= 0)
        close(g->kills);
    *g = GROUP_INIT;
}

static int named_after; /* 0: this process alone */

void group_name_after(int pid)
{
    named_after = pid;
}

static int make_all(struct group *g, struct fault *why)
{
    static unsigned serial;
    char after[16] = "";
    int r = 1;

    if (named_after)
        snprintf(after, sizeof after, "%d.", named_after);

    for (int tries = 0; r == 1 && tries < 100; tries++) {
        snprintf(g->name, sizeof g->name, GROUP_PREFIX "%s%d.%u", after, getpid(), serial++);
        r = 0;
        for (unsigned i = 0; i < g->places && r == 0; i++)
            r = make_one(g, &g->place[i], why);
        if (r)
            group_drop(g);
    }
    return r == 1 ? fault_set(why, STATUS_SETUP, EEXIST, "cgroup", "making group %s", g->name) : r;
}

/* On v2, children have a controller only if the parent's cgroup.subtree_control lists it. */
static int enable(const struct group_place *place, enum controller c, struct fault *why)
{
    const char *name = controller_text(c, HIERARCHY_V2);
    char word[16];

    snprintf(word, sizeof word, "+%s", name);
    if (cgroup_has_word(place->parent, "cgroup.subtree_control", name) ||
        cgroup_write_text(place->parent, "cgroup.subtree_control", word) == 0)
        return 0;
    return fault_set(why, STATUS_SETUP, errno, "cgroup.subtree_control", "writing \"%s\"", word);
}

/* The place of controller I: its own on v1, a shared one on v2. */
static struct group_place *group_place_of(struct group *g, const struct cgroups *c, int i,
                                          struct fault *why)
{
    struct group_place *place;

    for (int before = 0; before < i; before++)
        for (unsigned p = 0; p < g->places; p++)
            if (c->version[i] == HIERARCHY_V2 && g->place[p].version == HIERARCHY_V2)
                return &g->place[p];
    place = &g->place[g->places];
    *place = (struct group_place){.version = c->version[i], .dir = -1, .join = -1};
    place->parent = open(c->dir[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place->parent < 0) {
        fault_set(why, STATUS_SETUP, errno, "cgroup", "opening %s", c->dir[i]);
        return NULL;
    }
    g->places++;
    return place;
}

/* The places of the controllers in USE; the directories are not made yet. INDEX: of each, or -1. */
static int plan_places(struct group *g, const struct cgroups *c, const bool use[CONTROLLER__COUNT],
                       int index[CONTROLLER__COUNT], struct fault *why)
{
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        struct group_place *place = use[i] ? group_place_of(g, c, i, why) : NULL;

        index[i] = place ? (int)(place - g->place) : -1;
        if (use[i] && !place)
            return -1;
        if (place && place->version == HIERARCHY_V2 && enable(place, (enum controller)i, why) < 0)
            return -1;
    }
    return 0;
}

int group_begin(struct group *g, const struct cgroups *c, const bool use[CONTROLLER__COUNT],
                struct fault *why)
{
    int index[CONTROLLER__COUNT];

    *g = GROUP_INIT;
    if (plan_places(g, c, use, index, why) == 0 && make_all(g, why) == 0) {
        for (int i = 0; i < CONTROLLER__COUNT; i++)
            g->dir[i] = index[i] < 0 ? -1 : g->place[index[i]].dir;
        return 0;
    }
    group_drop(g);
    group_forget(g);
    return -1;
}

int group_limit(struct group *g, const struct group_limits *l, struct fault *why)
{
    struct group_place *all = NULL; /* v2's, which has a controller more for a word, or one less */

    for (unsigned i = 0; i < g->places; i++)
        if (g->place[i].version == HIERARCHY_V2)
            all = &g->place[i];
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        if (l->use[i] == (g->dir[i] >= 0))
            continue;
        if (!all)
            return 1;
        if (l->use[i] && enable(all, (enum controller)i, why) < 0)
            return -1;
        g->dir[i] = l->use[i] ? all->dir : -1;
    }
    return limits_write(g, l, why);
}

int group_create(struct group *g, const struct cgroups *c, const struct group_limits *l,
                 struct fault *why)
{
    if (group_begin(g, c, l->use, why) < 0)
        return -1;
    if (limits_write(g, l, why) == 0)
        return 0;
    group_drop(g);
    group_forget(g);
    return -1;
}

int group_birthplace(const struct group *g)
{
    for (unsigned i = 0; i < g->places; i++)
        if (g->place[i].version == HIERARCHY_V2)
            return g->place[i].dir;
    return -1;
}

int group_remove(struct group *g, struct fault *why)
{
    int r = 0;

    for (unsigned i = 0; i < g->places; i++) {
        struct group_place *place = &g->place[i];

        if (place->dir >= 0 && remove_one(place->parent, g->name, place->dir) < 0)
            r = fault_set(why, STATUS_SETUP, errno, "cgroup", "removing group %s", g->name);
        if (place->dir >= 0)
            close(place->dir);
        if (place->join >= 0)
            close(place->join);
    }
    group_forget(g);
    return r;
}
