/* Finds whose limit was hit when the kernel killed in a group: its own, or an ancestor's. The
 * kernel counts a kill in the victim's group whichever limit was hit, so oom_kill alone says
 * nothing. Reads only.
 * Source: the kernel's mm/memcontrol.c, admin-guide/cgroup-v2 and cgroup-v1/memory. */
#include "cgroups/oom.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "runtime/base/fd.h"
#include "schemas/limits.h"

/* v1 writes "no limit" as the largest number of whole pages. */
#define V1_UNLIMITED (INT64_MAX / 65536 * 65536)

/* The kernel OOM-kills for failed charges of at most this many pages; larger ones just fail. */
#define LARGEST_CHARGE 8u

static uint64_t oom_number(int dir, const char *file)
{
    uint64_t n = 0;

    return cgroup_read(dir, file, &n) < 0 ? 0 : n;
}

/* How often the group's own limit refused memory: on v2 after reclaim failed, on v1 also where
 * reclaim then made room. */
static uint64_t refusals(int dir)
{
    uint64_t n = 0;

    if (cgroup_read_key(dir, "memory.events.local", "oom", &n) == 0)
        return n;
    return oom_number(dir, "memory.failcnt") + oom_number(dir, "memory.memsw.failcnt");
}

/* In a reused v1 group the peak is reset for each box but the counters are not: so the peak must
 * have reached the limit too. */
static bool is_own(int dir)
{
    uint64_t peak, limit, slack = LARGEST_CHARGE * (uint64_t)sysconf(_SC_PAGESIZE);

    if (refusals(dir) == 0)
        return false;
    return cgroup_read(dir, "memory.max_usage_in_bytes", &peak) < 0 ||
           cgroup_read(dir, "memory.limit_in_bytes", &limit) < 0 || peak + slack >= limit;
}

static uint64_t limit_of(int dir)
{
    uint64_t limit;

    if (cgroup_read(dir, "memory.max", &limit) < 0 &&
        (cgroup_read(dir, "memory.limit_in_bytes", &limit) < 0 || limit >= V1_UNLIMITED))
        return GROUP_UNLIMITED;
    return limit;
}

/* The nearest group from PARENT up whose limit has ever refused memory: a good guess, since that
 * may have been earlier. */
static void find_outer(struct oom *o, const char *parent)
{
    char at[CGROUP_PATH_MAX];

    snprintf(at, sizeof at, "%s", parent);
    for (char *slash; (slash = strrchr(at, '/')) && slash != at; *slash = '\0') {
        autoclose int dir = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

        o->limit = dir < 0 ? GROUP_UNLIMITED : limit_of(dir);
        if (o->limit != GROUP_UNLIMITED && refusals(dir) > 0) {
            snprintf(o->path, sizeof o->path, "%s", at);
            return;
        }
    }
    o->limit = GROUP_UNLIMITED;
}

enum oom_whose group_oom(const struct group *g, const struct cgroups *c, struct oom *o)
{
    int memory = g->dir[CONTROLLER_MEMORY];

    *o = (struct oom){.limit = GROUP_UNLIMITED};
    if (memory < 0)
        return OOM_NONE;
    if (cgroup_read_key(memory, "memory.oom_control", "oom_kill", &o->kills) < 0)
        cgroup_read_key(memory, "memory.events", "oom_kill", &o->kills);
    if (o->kills == 0)
        return OOM_NONE;
    if (is_own(memory))
        return OOM_OWN;
    find_outer(o, c->dir[CONTROLLER_MEMORY]);
    return OOM_OUTER;
}

void oom_place(const struct oom *o, char out[OOM_PLACE])
{
    char limit[32];

    limit_print(LIMIT_MEMORY, o->limit, limit, sizeof limit);
    if (o->path[0])
        snprintf(out, OOM_PLACE, "%.500s, which is limited to %s,", o->path, limit);
    else
        snprintf(out, OOM_PLACE, "a group around runbox, or the host,");
}
