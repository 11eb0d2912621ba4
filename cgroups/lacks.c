/* Which limits' control files this kernel has no use for, though their controller is there: swap where it is
 * not accounted, quotas and throttling where they are not built in. Where no group is there to be looked at,
 * one may be made, and is removed. */
#include "cgroups/lacks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/group.h"
#include "runtime/base/fd.h"

#define QUOTAS "/proc/sys/kernel/sched_cfs_bandwidth_slice_us" /* in a kernel that has them */

enum known { THERE, LACKING, UNKNOWN };

static enum { NEVER, HANDED_DOWN, ANY } may_try;

void lacks_allow_try(bool hand_down)
{
    may_try = hand_down ? ANY : HANDED_DOWN;
}

static bool host_may_swap(void)
{
    struct sysinfo info;

    return sysinfo(&info) < 0 || info.totalswap > 0; /* refused: unknown is not none */
}

static enum known look(int dir, const char *file)
{
    return faccessat(dir, file, F_OK, 0) < 0 && errno == ENOENT ? LACKING : THERE;
}

/* The root of v2 has no limits itself: those of the first child that has the controller show. */
static enum known lacks_below(const char *path, enum controller c, const char *file)
{
    DIR *root = opendir(path);
    const struct dirent *one;
    enum known found = UNKNOWN;

    while (root && found == UNKNOWN && (one = readdir(root))) {
        autoclose int child =
            one->d_type != DT_DIR || one->d_name[0] == '.'
                ? -1
                : openat(dirfd(root), one->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (child >= 0 &&
            cgroup_has_word(child, "cgroup.controllers", controller_text(c, HIERARCHY_V2)))
            found = look(child, file);
    }
    if (root)
        closedir(root);
    if (found == UNKNOWN && c == CONTROLLER_CPU && access("/proc/sys/kernel/", F_OK) == 0)
        found = look(AT_FDCWD, QUOTAS);
    return found;
}

static enum known lacks_file(const struct cgroups *c, const struct limit_file *f)
{
    enum hierarchy v = c->version[f->controller];
    const char *dir = c->dir[f->controller], *file = f->name[v];
    char path[CGROUP_PATH_MAX + 64];

    if (!file)
        return THERE;
    snprintf(path, sizeof path, "%s/cgroup.type", dir);
    if (v == HIERARCHY_V2 && look(AT_FDCWD, path) == LACKING)
        return lacks_below(dir, f->controller, file);
    snprintf(path, sizeof path, "%s/%s", dir, file);
    return look(AT_FDCWD, path);
}

/* Whether a group with controller I shall be made to be looked at. Memory is handed down for that, as any
 * run will; but of its files swap's alone matters. */
static bool is_worth_a_try(const struct cgroups *c, enum controller i)
{
    autoclose int dir = open(c->dir[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool memory = i == CONTROLLER_MEMORY;

    if (may_try == NEVER || dir < 0 || (memory && !host_may_swap()))
        return false;
    return (memory && may_try == ANY) ||
           cgroup_has_word(dir, "cgroup.subtree_control", controller_text(i, HIERARCHY_V2));
}

/* A group that cannot be made shows nothing; a run's will fail likewise, and say why. */
static void lacks_try(struct cgroups *c, const bool unknown[CONTROLLER__COUNT])
{
    bool use[CONTROLLER__COUNT], any = false;
    struct fault unsaid;
    struct group g;

    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        use[i] = unknown[i] && is_worth_a_try(c, (enum controller)i);
        any = any || use[i];
    }
    if (!any || group_begin(&g, c, use, &unsaid) < 0)
        return;
    for (int i = 0; i < LIMIT__COUNT; i++) {
        const struct limit_file *f = &limit_file[i];

        if (f->name[HIERARCHY_V2] && use[f->controller])
            c->lacks[i] = look(g.dir[f->controller], f->name[HIERARCHY_V2]) == LACKING;
    }
    group_remove(&g, &unsaid);
}

void lacks_find(struct cgroups *c)
{
    bool unknown[CONTROLLER__COUNT] = {false};

    for (int i = 0; i < LIMIT__COUNT; i++) {
        enum known known = lacks_file(c, &limit_file[i]);

        c->lacks[i] = known == LACKING;
        if (known == UNKNOWN)
            unknown[limit_file[i].controller] = true;
    }
    lacks_try(c, unknown);
}
