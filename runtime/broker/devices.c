/* The block devices that a box's mounts lie on. A limit in bytes a second holds for whole devices only;
 * what cannot be limited is an error, never a silence. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/broker/box.h"

static int check(const char *source, dev_t device, struct fault *why)
{
    char path[96];

    snprintf(path, sizeof path, "/sys/dev/block/%u:%u", major(device), minor(device));
    if (access(path, F_OK) < 0)
        return fault_set(why, STATUS_SETUP, 0, source,
                         "io_read and io_write need a file system on a block device; this one "
                         "(device %u:%u) is on none",
                         major(device), minor(device));
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(device), minor(device));
    if (access(path, F_OK) == 0)
        return fault_set(why, STATUS_SETUP, 0, source,
                         "io_read and io_write hold for whole devices only; this file system is on "
                         "a partition (device %u:%u)",
                         major(device), minor(device));
    return 0;
}

static int add(struct group_limits *l, const char *source, dev_t device, struct fault *why)
{
    for (unsigned i = 0; i < l->devices; i++)
        if (l->device[i] == device)
            return 0;
    if (l->devices == GROUP_DEVICES_MAX)
        return fault_set(why, STATUS_SETUP, 0, source, "io limits hold for %d devices at most",
                         GROUP_DEVICES_MAX);
    l->device[l->devices++] = device;
    return check(source, device, why);
}

int devices_find(const struct plan *p, struct group_limits *l, struct fault *why)
{
    struct stat st;

    for (size_t i = 0; i < p->mount_count; i++) {
        if (p->mounts[i].inside)
            continue;
        if (stat(p->mounts[i].source, &st) < 0)
            return fault_set(why, STATUS_SETUP, errno, p->mounts[i].source,
                             "finding its block device");
        if (add(l, p->mounts[i].source, st.st_dev, why) < 0)
            return -1;
    }
    return 0;
}
