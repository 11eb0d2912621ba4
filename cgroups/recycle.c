/* Reuses a group for the next box of the same plan: making and removing one costs as much as the
 * rest of a short run. Only for groups whose last box ended cleanly. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/group.h"
#include "cgroups/limits.h"
#include "runtime/base/fields.h"

/* How much memory a box may leave charged to its group: its successor's peak and limit start there.
 * The kernel charges ahead, 64 pages at a time per CPU, and reports them as used until a limit is
 * near, so up to AHEAD is no sign of leftovers. Beyond that, reclaim is requested once. */
#define AHEAD       (512u * 1024)
#define RESIDUE_MAX (128u * 1024)

int group_change(struct group *g, const struct group_limits *l, struct fault *why)
{
    return limits_write(g, l, why);
}

int group_ready(struct group *g, struct fault *why)
{
    int memory = g->dir[CONTROLLER_MEMORY];

    for (unsigned i = 0; i < g->places; i++) {
        struct group_place *place = &g->place[i];

        if (place->join < 0)
            place->join = openat(place->dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        if (place->join < 0)
            return fault_set(why, STATUS_SETUP, errno, "cgroup", "opening cgroup.procs of group %s",
                             g->name);
    }
    if (memory >= 0) { /* v2 does not have these files: -1 */
        g->peak = openat(memory, "memory.max_usage_in_bytes", O_RDWR | O_CLOEXEC);
        g->usage = openat(memory, "memory.usage_in_bytes", O_RDONLY | O_CLOEXEC);
        g->kills = openat(memory, "memory.oom_control", O_RDONLY | O_CLOEXEC);
    }
    return 0;
}

/* Whether nothing was ever OOM-killed in the group: the counter is never reset, so an old kill
 * would explain a later death. */
static bool killed_nobody(const struct group *g)
{
    char text[256];
    ssize_t n = g->kills < 0 ? -1 : pread(g->kills, text, sizeof text - 1, 0);
    uint64_t kills;

    if (n < 0)
        return false;
    text[n] = '\0';
    return field_key_number(text, "oom_kill", ' ', &kills) == 0 && kills == 0;
}

int group_recycle(struct group *g)
{
    int memory = g->dir[CONTROLLER_MEMORY];
    uint64_t left;

    if (memory < 0)
        return 0;
    /* v2 resets memory.peak (since Linux 6.12) per open file only: its groups are not reused. */
    if (!killed_nobody(g) || cgroup_read_again(g->usage, &left) < 0)
        return -1;
    if (left > AHEAD && (cgroup_write_text(memory, "memory.force_empty", "0") < 0 ||
                         cgroup_read_again(g->usage, &left) < 0 || left > RESIDUE_MAX))
        return -1;
    return pwrite(g->peak, "0", 1, 0) == 1 ? 0 : -1;
}
