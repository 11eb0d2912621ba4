/* The table of control files, written and read back by the same rows, so that a limit that is
 * applied is a limit that is verified. */
#include "cgroups/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cgroups/files.h"

#define CPU_PERIOD_US 100000

/* The value a row's file must hold under L, or GROUP_UNLIMITED to leave the file alone. */
static uint64_t memory(const struct group_limits *l)
{
    return l->memory;
}

static uint64_t memory_and_swap(const struct group_limits *l)
{
    return l->swap == GROUP_UNLIMITED ? GROUP_UNLIMITED : l->memory + l->swap;
}

static uint64_t pids(const struct group_limits *l)
{
    return l->pids;
}

static uint64_t quota(const struct group_limits *l)
{
    uint64_t us = l->cpu_milli * (CPU_PERIOD_US / 1000);

    if (l->cpu_milli == GROUP_UNLIMITED)
        return GROUP_UNLIMITED;
    return us < 1000 ? 1000 : us; /* the kernel's least quota is 1 ms */
}

static const struct row {
    enum cgroup_controller controller;
    const char *file;
    uint64_t (*value)(const struct group_limits *l);
    bool paged; /* the kernel rounds down to whole pages */
} rows[] = {
    {CGROUP_MEMORY, "memory.limit_in_bytes", memory, true},
    {CGROUP_MEMORY, "memory.memsw.limit_in_bytes", memory_and_swap,
     true}, /* never below the first */
    {CGROUP_PIDS, "pids.max", pids, false},
    {CGROUP_CPU, "cpu.cfs_quota_us", quota, false},
};

int limits_write(const struct group *g, const struct group_limits *l, struct fault *why)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        uint64_t value = r->value(l);

        if (g->dir[r->controller] < 0 || value == GROUP_UNLIMITED)
            continue;
        if (cgroup_write(g->dir[r->controller], r->file, value) < 0)
            return fault_set(why, STATUS_SETUP, errno, r->file, "writing %llu in group %s",
                             (unsigned long long)value, g->name);
    }
    return 0;
}

int group_verify(const struct group *g, const struct group_limits *l, struct fault *why)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        uint64_t want = r->value(l), have;

        if (g->dir[r->controller] < 0 || want == GROUP_UNLIMITED)
            continue;
        if (cgroup_read(g->dir[r->controller], r->file, &have) < 0)
            return fault_set(why, STATUS_SETUP, errno, r->file, "reading group %s", g->name);
        if (have > want ||
            (r->paged ? want - have >= (uint64_t)sysconf(_SC_PAGESIZE) : have != want))
            return fault_set(why, STATUS_SETUP, 0, r->file,
                             "group %s holds %llu where %llu was asked", g->name,
                             (unsigned long long)have, (unsigned long long)want);
    }
    return 0;
}

void group_usage(const struct group *g, struct group_usage *u)
{
    *u = (struct group_usage){0};
    if (g->dir[CGROUP_MEMORY] >= 0) {
        cgroup_read(g->dir[CGROUP_MEMORY], "memory.max_usage_in_bytes", &u->memory_peak);
        cgroup_read_key(g->dir[CGROUP_MEMORY], "memory.oom_control", "oom_kill", &u->oom_kills);
    }
    if (g->dir[CGROUP_PIDS] >= 0)
        cgroup_read_key(g->dir[CGROUP_PIDS], "pids.events", "max", &u->pids_refused);
}
