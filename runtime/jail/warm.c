/* A forked box until its start line: read back like the jail's, then given its job's limits. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "runtime/jail/box.h"
#include "runtime/jail/template.h"

/* Report why a box ended early: it will say nothing more. */
static int ended_early(const struct box *box, struct fault *why)
{
    if (box->unborn)
        return fault_set(why, STATUS_SETUP, box->unborn, "template", "forking a box");
    if (box_oom_in_making(box, why) < 0)
        return -1;
    return fault_set(why, STATUS_SETUP, 0, "template", "a box ended before it was ready");
}

int box_check_ready(struct box *box, struct fault *why)
{
    bool shut;
    int r;

    if (box_is_gone(box))
        return ended_early(box, why);
    if (box->pidfd < 0)
        return 0;
    r = box_take_ready(box, &shut, why);
    if (r == 0 && !shut && box_has_ended(box)) { /* what it said before that is in the wire now */
        r = box_take_ready(box, &shut, why);
        shut = true;
    }
    if (r == 0)
        return shut ? ended_early(box, why) : 0;
    return r < 0 || receipts_read(box, why) < 0 ? -1 : 1;
}

/* A job's rlimits can only be lower: raising a hard one takes CAP_SYS_RESOURCE on the host. */
static bool is_lower(const struct plan *p, const struct plan *than)
{
    for (int i = 0; i < RLIM__COUNT; i++)
        if (p->rlimits[i].soft > than->rlimits[i].soft ||
            p->rlimits[i].hard > than->rlimits[i].hard)
            return false;
    return p->arena <= than->arena;
}

bool box_may_lower(const struct plan *p, const struct plan *to)
{
    static const enum limit same[] = {LIMIT_PROCESSES, LIMIT_IO_READ, LIMIT_IO_WRITE};

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (p->limits[same[i]].effective != to->limits[same[i]].effective)
            return false;
    return memcmp(p->group, to->group, sizeof p->group) == 0 &&
           memcmp(p->home, to->home, sizeof p->home) == 0 && is_lower(p, to);
}

static int lower_rlimits(const struct box *box, const struct plan *p, struct fault *why)
{
    for (int i = 0; i < RLIM__COUNT; i++) {
        struct rlimit want = {p->rlimits[i].soft, p->rlimits[i].hard};

        if ((want.rlim_cur != box->plan->rlimits[i].soft ||
             want.rlim_max != box->plan->rlimits[i].hard) &&
            prlimit(box->pid, (__rlimit_resource_t)i, &want, NULL) < 0)
            return fault_set(why, STATUS_SETUP, errno, "box", "lowering resource limit %d", i);
    }
    return 0;
}

int box_lower(struct box *box, const struct plan *p, struct fault *why)
{
    struct group_limits l;

    if (p == box->plan)
        return 0;
    if (jail_groups(p, &l, why) < 0)
        return -1;
    if (memcmp(&l, &box->limits, sizeof l) != 0 &&
        (group_change(&box->group, &l, why) < 0 || group_verify(&box->group, &l, why) < 0))
        return -1;
    box->limits = l;
    if (lower_rlimits(box, p, why) < 0)
        return -1;
    box->plan = p;
    return 0;
}

void box_take_group(struct box *box, struct group *g, struct group_limits *l)
{
    *g = box->group;
    *l = box->limits;
    box->group = GROUP_INIT;
}
