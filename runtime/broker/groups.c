/* From a plan's limits to the box's groups: only what the plan says a group holds. */
#include "runtime/broker/box.h"

static bool held_by_group(const struct plan *p, enum limit l)
{
    return p->limits[l].layer == LAYER_CGROUP1 || p->limits[l].layer == LAYER_CGROUP2;
}

static uint64_t group_value(const struct plan *p, enum limit l)
{
    return held_by_group(p, l) ? p->limits[l].effective : GROUP_UNLIMITED;
}

int groups_limits(const struct plan *p, struct group_limits *l, struct fault *why)
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
    return l->use[CONTROLLER_IO] ? devices_find(p, l, why) : 0;
}

int groups_make(struct box *box, struct fault *why)
{
    return groups_limits(box->plan, &box->limits, why) < 0
               ? -1
               : group_create(&box->group, box->cgroups, &box->limits, why);
}
