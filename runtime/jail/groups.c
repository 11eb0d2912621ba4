/* From a plan's limits to the box's groups: only what the plan has a group enforce, and the block
 * devices that hold the mounts. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/jail/jail.h"

static bool held_by_group(const struct plan *p, enum limit l)
{
    return p->limits[l].layer == LAYER_CGROUP1 || p->limits[l].layer == LAYER_CGROUP2;
}

static uint64_t group_value(const struct plan *p, enum limit l)
{
    return held_by_group(p, l) ? p->limits[l].effective : GROUP_UNLIMITED;
}

/* Byte rates can be limited for whole devices only; anything else is an error, never ignored. */
static int check_device(const char *source, dev_t device, struct fault *why)
{
    char path[96];

    snprintf(path, sizeof path, "/sys/dev/block/%u:%u", major(device), minor(device));
    if (access(path, F_OK) < 0)
        return fault_set(why, STATUS_SETUP, 0, source,
                         "io_read and io_write need a file system on a block device; this one "
                         "(device %u:%u) is not on one",
                         major(device), minor(device));
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(device), minor(device));
    if (access(path, F_OK) == 0)
        return fault_set(why, STATUS_SETUP, 0, source,
                         "io_read and io_write apply to whole devices only; this file system is on "
                         "a partition (device %u:%u)",
                         major(device), minor(device));
    return 0;
}

static int add_device(struct group_limits *l, const char *source, dev_t device, struct fault *why)
{
    for (unsigned i = 0; i < l->devices; i++)
        if (l->device[i] == device)
            return 0;
    if (l->devices == GROUP_DEVICES_MAX)
        return fault_set(why, STATUS_SETUP, 0, source, "io limits hold for %d devices at most",
                         GROUP_DEVICES_MAX);
    l->device[l->devices++] = device;
    return check_device(source, device, why);
}

static int find_devices(const struct plan *p, struct group_limits *l, struct fault *why)
{
    struct stat st;

    for (size_t i = 0; i < p->mount_count; i++) {
        if (p->mounts[i].inside)
            continue;
        if (stat(p->mounts[i].source, &st) < 0)
            return fault_set(why, STATUS_SETUP, errno, p->mounts[i].source,
                             "finding its block device");
        if (add_device(l, p->mounts[i].source, st.st_dev, why) < 0)
            return -1;
    }
    return 0;
}

int jail_groups(const struct plan *p, struct group_limits *l, struct fault *why)
{
    *l = (struct group_limits){
        .memory = group_value(p, LIMIT_MEMORY),
        .swap = group_value(p, LIMIT_SWAP),
        .pids = group_value(p, LIMIT_PROCESSES),
        .cpu_milli = group_value(p, LIMIT_CPUS),
        .io_read = group_value(p, LIMIT_IO_READ),
        .io_write = group_value(p, LIMIT_IO_WRITE),
    };
    l->use[CONTROLLER_MEMORY] = p->group[CONTROLLER_MEMORY];
    l->use[CONTROLLER_PIDS] = p->group[CONTROLLER_PIDS];
    l->use[CONTROLLER_CPU] = p->group[CONTROLLER_CPU];
    l->use[CONTROLLER_IO] = p->group[CONTROLLER_IO];
    return l->use[CONTROLLER_IO] ? find_devices(p, l, why) : 0;
}
