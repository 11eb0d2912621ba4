/* The table of control files. Limits are written and read back by the same rows, so that every
 * limit applied is also verified. */
#include "cgroups/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "runtime/base/fields.h"

#define CPU_PERIOD_US 100000

/* For the rows: the value a file must hold under L, or GROUP_UNLIMITED to leave it alone. */
static uint64_t memory(const struct group_limits *l)
{
    return l->memory;
}

static uint64_t memory_and_swap(const struct group_limits *l)
{
    return l->swap == GROUP_UNLIMITED ? GROUP_UNLIMITED : l->memory + l->swap;
}

static uint64_t swap(const struct group_limits *l)
{
    return l->swap;
}

static uint64_t together(const struct group_limits *l)
{
    (void)l;
    return 1;
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
    return us < 1000 ? 1000 : us; /* the kernel's minimum quota is 1 ms */
}

static const struct row {
    enum hierarchy version;
    enum controller controller;
    const char *file;
    uint64_t (*value)(const struct group_limits *l);
    bool paged; /* the kernel rounds down to whole pages */
} rows[] = {
    {HIERARCHY_V1, CONTROLLER_MEMORY, "memory.limit_in_bytes", memory, true},
    {HIERARCHY_V1, CONTROLLER_MEMORY, "memory.memsw.limit_in_bytes", memory_and_swap,
     true}, /* after the limit above, which it must not be below */
    {HIERARCHY_V1, CONTROLLER_PIDS, "pids.max", pids, false},
    {HIERARCHY_V1, CONTROLLER_CPU, "cpu.cfs_quota_us", quota,
     false}, /* per period of 100 ms, the default */
    {HIERARCHY_V2, CONTROLLER_MEMORY, "memory.max", memory, true},
    {HIERARCHY_V2, CONTROLLER_MEMORY, "memory.swap.max", swap, true},
    {HIERARCHY_V2, CONTROLLER_MEMORY, "memory.oom.group", together, false}, /* kill the whole box */
    {HIERARCHY_V2, CONTROLLER_PIDS, "pids.max", pids, false},
    {HIERARCHY_V2, CONTROLLER_CPU, "cpu.max", quota,
     false}, /* one number: the period stays 100 ms */
};

#define ROWS (sizeof rows / sizeof rows[0])

static enum hierarchy version_of(const struct group *g, enum controller c)
{
    for (unsigned i = 0; i < g->places; i++)
        if (g->dir[c] >= 0 && g->place[i].dir == g->dir[c])
            return g->place[i].version;
    return HIERARCHY_NONE;
}

static bool applies(const struct group *g, const struct row *r)
{
    return version_of(g, r->controller) == r->version;
}

/* io: one line per device. v1 has a file for each direction, v2 one for both. */
static int io_line(const struct group *g, const char *file, dev_t device, const char *key,
                   uint64_t rate, struct fault *why)
{
    char text[96];

    if (rate == GROUP_UNLIMITED)
        return 0;
    snprintf(text, sizeof text, "%u:%u %s%llu", major(device), minor(device), key,
             (unsigned long long)rate);
    if (cgroup_write_text(g->dir[CONTROLLER_IO], file, text) == 0)
        return 0;
    return fault_set(why, STATUS_SETUP, errno, file, "writing \"%s\" in group %s", text, g->name);
}

static int io_write(const struct group *g, const struct group_limits *l, struct fault *why)
{
    bool v1 = version_of(g, CONTROLLER_IO) == HIERARCHY_V1;

    for (unsigned i = 0; i < l->devices && g->dir[CONTROLLER_IO] >= 0; i++)
        if (io_line(g, v1 ? "blkio.throttle.read_bps_device" : "io.max", l->device[i],
                    v1 ? "" : "rbps=", l->io_read, why) < 0 ||
            io_line(g, v1 ? "blkio.throttle.write_bps_device" : "io.max", l->device[i],
                    v1 ? "" : "wbps=", l->io_write, why) < 0)
            return -1;
    return 0;
}

int limits_write(const struct group *g, const struct group_limits *l, struct fault *why)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        uint64_t value = r->value(l);

        if (!applies(g, r) || value == GROUP_UNLIMITED)
            continue;
        if (cgroup_write(g->dir[r->controller], r->file, value) < 0)
            return fault_set(why, STATUS_SETUP, errno, r->file, "writing %llu in group %s",
                             (unsigned long long)value, g->name);
    }
    return io_write(g, l, why);
}

/* Find DEVICE's line in TEXT: "8:0 1048576" on v1, "8:0 rbps=1048576 wbps=max ..." on v2. */
static bool io_find(const char *text, const char *device, struct field *rates)
{
    struct field rest = field_of(text), name;

    while (field_line(&rest, rates))
        if (field_word(rates, &name) && field_is(name, device))
            return true;
    return false;
}

static int io_holds(const struct group *g, const char *file, dev_t device, const char *key,
                    uint64_t rate, struct fault *why)
{
    char text[4096], name[32], want[64];
    struct field rates, words, have;
    bool found;

    if (rate == GROUP_UNLIMITED)
        return 0;
    if (cgroup_read_text(g->dir[CONTROLLER_IO], file, text, sizeof text) < 0)
        return fault_set(why, STATUS_SETUP, errno, file, "reading group %s", g->name);
    snprintf(name, sizeof name, "%u:%u", major(device), minor(device));
    snprintf(want, sizeof want, "%s%llu", key, (unsigned long long)rate);
    found = io_find(text, name, &rates);
    words = rates;
    while (found && field_word(&words, &have))
        if (field_is(have, want))
            return 0;
    return fault_set(why, STATUS_SETUP, 0, file,
                     "group %s has \"%.*s\" for device %s instead of \"%s\"", g->name,
                     found ? (int)rates.n : 0, found ? rates.at : "", name, want);
}

static int io_verify(const struct group *g, const struct group_limits *l, struct fault *why)
{
    bool v1 = version_of(g, CONTROLLER_IO) == HIERARCHY_V1;

    for (unsigned i = 0; i < l->devices && g->dir[CONTROLLER_IO] >= 0; i++)
        if (io_holds(g, v1 ? "blkio.throttle.read_bps_device" : "io.max", l->device[i],
                     v1 ? "" : "rbps=", l->io_read, why) < 0 ||
            io_holds(g, v1 ? "blkio.throttle.write_bps_device" : "io.max", l->device[i],
                     v1 ? "" : "wbps=", l->io_write, why) < 0)
            return -1;
    return 0;
}

int group_verify(const struct group *g, const struct group_limits *l, struct fault *why)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        uint64_t want = r->value(l), have, slack;

        if (!applies(g, r) || want == GROUP_UNLIMITED)
            continue;
        if (cgroup_read(g->dir[r->controller], r->file, &have) < 0)
            return fault_set(why, STATUS_SETUP, errno, r->file, "reading group %s", g->name);
        slack = r->paged ? (uint64_t)sysconf(_SC_PAGESIZE) - 1 : 0;
        if (have > want || want - have > slack)
            return fault_set(why, STATUS_SETUP, 0, r->file, "group %s has %llu instead of %llu",
                             g->name, (unsigned long long)have, (unsigned long long)want);
    }
    return io_verify(g, l, why);
}
