/* The order: written by the broker from the plan, decoded by the child. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "runtime/base/pass.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"
#include "schemas/setup.h"

#define FDS_MAX (2 + JAIL_JOINS + JAIL_MOUNTS)

_Static_assert(FDS_MAX <= PASS_MAX, "one message takes them all");

uint64_t jail_bundle_bytes(const struct bundle *b)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t bytes = 0;

    for (size_t i = 0; i < b->count; i++)
        bytes += (b->files[i].size + page - 1) / page * page;
    return bytes;
}

static int sources_check(const struct plan *p, struct fault *why)
{
    for (size_t i = 0; i < p->mount_count; i++)
        if (!p->mounts[i].inside && unbindable_check(p->mounts[i].source, why) < 0)
            return -1;
    return 0;
}

static int sources_prepare(struct jail *j, const struct plan *p, struct fault *why)
{
    for (size_t i = 0; p->own_ids && i < p->mount_count; i++) {
        long fd = p->mounts[i].inside ? -1 : source_open(p->mounts[i].source, p->mounts[i].rw);

        if (p->mounts[i].inside)
            continue;
        if (fd < 0) {
            fault_set(why, STATUS_SETUP, (int)-fd, p->mounts[i].source,
                      fd == -ELOOP ? "a mount's source must have no symbolic link in its path"
                                   : "opening the mount's source");
            return diagnosis_add(why, "mount sources");
        }
        j->source[j->sources++] = (int)fd;
    }
    return 0;
}

int jail_prepare(struct jail *j, const struct plan *p, const struct bundle *b, struct fault *why)
{
    if (p->profile == PROFILE_COMPUTE)
        return 0;
    if (p->mount_count > JAIL_MOUNTS)
        return fault_set(why, STATUS_SETUP, 0, "jail", "%zu mounts are too many: at most %d",
                         p->mount_count, JAIL_MOUNTS);
    if (sources_check(p, why) < 0)
        return -1;
    j->image = image_make(p, b, why);
    return j->image < 0 ? -1 : sources_prepare(j, p, why);
}

/* An upper bound on the directories that the mounts' targets need: one for each path component. */
static size_t target_names(const struct plan *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->mount_count; i++)
        for (const char *at = p->mounts[i].target; *at; at++)
            n += *at == '/';
    return n;
}

static void order_make(struct jail_order *o, const struct plan *p, const struct bundle *b)
{
    *o = (struct jail_order){
        .capabilities = p->capabilities,
        .uid = p->uid_inside,
        .gid = p->gid_inside,
        .own_ids = p->own_ids,
        .files = p->profile != PROFILE_COMPUTE,
        .mounts = (uint32_t)p->mount_count,
        .scratch = p->scratch > 0,
        .tcp = p->profile == PROFILE_NETWORK,
        .landlock_abi = p->landlock_abi,
        .no_time_namespace = p->no_time_namespace,
        .exec_name = jail_names_exec(),
        .forks = (p->flags & SETUP_TEMPLATE) != 0,
    };
    memcpy(o->rlimits, p->rlimits, sizeof o->rlimits);
    snprintf(o->hostname, sizeof o->hostname, "%s", p->hostname);
    if (!o->files)
        return;
    /* Some pages for directories; inodes for each file, its directories, and the mounts' targets.
     * Whatever is used of them is charged to the run's group. */
    snprintf(o->root_options, sizeof o->root_options, "size=%llu,nr_inodes=%zu,mode=755",
             (unsigned long long)(jail_bundle_bytes(b) + 64 * (uint64_t)sysconf(_SC_PAGESIZE)),
             b->count * 16 + target_names(p) + 64);
    snprintf(o->scratch_options, sizeof o->scratch_options, "size=%llu,nr_inodes=%llu,mode=700",
             (unsigned long long)p->scratch, (unsigned long long)(p->scratch / 1024 + 64));
}

int jail_send(struct jail *j, const struct plan *p, const struct bundle *b, int wire,
              const int *join, unsigned n, struct fault *why)
{
    struct jail_order order;
    int fds[FDS_MAX];
    size_t count = 0;

    order_make(&order, p, b);
    fds[count++] = wire;
    if (order.files)
        fds[count++] = j->image;
    for (unsigned i = 0; i < n; i++)
        if (join[i] >= 0)
            fds[count++] = join[i], order.joins++;
    for (unsigned i = 0; i < j->sources; i++)
        fds[count++] = j->source[i], order.sources++;
    if (pass_send(j->control, &order, sizeof order, fds, count, MSG_NOSIGNAL) !=
        (ssize_t)sizeof order)
        return fault_set(why, STATUS_SETUP, errno, "jail", "sending the child its order");
    return 0;
}

/* Decode the mounts here, once; the files after them are decoded as they are copied. */
static long image_take(struct jail_child *j, int fd)
{
    long r = image_map(fd, &j->image);

    close(fd);
    for (uint32_t i = 0; i < j->order.mounts && r == 0; i++)
        r = image_mount(&j->image, &j->mount[i]);
    return r;
}

long order_await(struct jail_child *j)
{
    struct jail_message here = {0};
    const struct jail_order *o = &j->order;
    int fds[FDS_MAX];
    size_t at = 0, count = FDS_MAX;
    long r = sys4(SYS_sendto, JAIL_CONTROL, &here, sizeof here, MSG_NOSIGNAL);

    if (r >= 0)
        r = pass_receive(JAIL_CONTROL, &j->order, sizeof j->order, fds, &count, 0);
    if (r <= 0)
        _exit(1); /* no order will come */
    if (r != (long)sizeof j->order || o->joins > JAIL_JOINS || o->mounts > JAIL_MOUNTS ||
        o->sources > JAIL_MOUNTS)
        return -EBADMSG;
    if (o->files > 1)
        return -EBADMSG;
    if (count < 1 + o->files + o->joins + o->sources)
        return -EMFILE;
    j->wire = fds[at++];
    at += o->files;
    memcpy(j->join, fds + at, o->joins * sizeof *fds);
    memcpy(j->source, fds + at + o->joins, o->sources * sizeof *fds);
    return o->files ? image_take(j, fds[1]) : 0;
}
