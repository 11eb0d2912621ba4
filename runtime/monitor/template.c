/* The monitor's side of a template: orders out, words in. It believes a template, in which no byte of a bundle
 * was ever parsed; a box forked from it is read back like any other. */
#include "runtime/monitor/template.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/monitor/box.h"
#include "runtime/monitor/pidfd.h"
#include "schemas/setup.h"

/* A fork's task, stack and page tables are charged to the group of the one that forks. */
#define ROOM_FOR_FORKS (64ull << 20)
#define FORKS_AT_ONCE \
    1024 /* in the template's group for a moment, until they have joined their own */

struct template
{
    struct box *box;
    const struct plan *boxes; /* the plan of what it forks */
    struct plan plan;         /* its own: a shallow copy of it */
    struct box **child;       /* those that are not deleted, the oldest order first */
    size_t count, room;
    bool dead;
};

bool template_serves(const struct plan *p)
{
    return p->profile == PROFILE_COMPUTE && !p->allow.count && !p->capabilities &&
           p->network == NETWORK_NONE && !p->mount_count && !p->scratch && !p->flags &&
           p->limits[LIMIT_PROCESSES].effective == 1;
}

static void loosen(struct plan *p, enum rlim r)
{
    struct rlimit own = {0};

    getrlimit((__rlimit_resource_t)r, &own);
    p->rlimits[r] = (struct plan_rlimit){own.rlim_max, own.rlim_max};
}

/* What forking needs, and no more: it runs nothing of a bundle. */
static void plan_template(struct template *t, const struct plan *p)
{
    t->boxes = p;
    t->plan = *p;
    t->plan.flags |= SETUP_TEMPLATE;
    t->plan.limits[LIMIT_MEMORY].effective += ROOM_FOR_FORKS;
    t->plan.limits[LIMIT_PROCESSES].effective = FORKS_AT_ONCE;
    loosen(&t->plan, RLIM_NPROC);
    loosen(&t->plan, RLIM_CPU);
    loosen(&t->plan, RLIM_NOFILE);
}

int template_create(struct template **t, const struct plan *p, const struct bundle *b,
                    const struct cgroups *c, struct fault *why)
{
    struct template *new = calloc(1, sizeof *new);

    *t = new;
    if (!new)
        return fault_set(why, STATUS_SETUP, ENOMEM, "template", "making it");
    plan_template(new, p);
    new->box = box_new(jail_shape_of(p), why);
    if (new->box) {
        new->box->boxes = p;
        if (box_create(&new->box, &new->plan, b, c, why) == 0)
            return 0;
    }
    template_delete(new, &(struct fault){0});
    *t = NULL;
    return -1;
}

static void all_gone(struct template *t)
{
    t->dead = true;
    for (size_t i = 0; i < t->count; i++)
        if (!t->child[i]->gone) {
            t->child[i]->gone = true;
            t->child[i]->wait_status = BOX_LOST;
        }
}

int template_delete(struct template *t, struct fault *why)
{
    int r;

    if (!t)
        return 0;
    r = box_delete(t->box, why);
    all_gone(t);
    for (size_t i = 0; i < t->count; i++)
        t->child[i]->template = NULL; /* gone, but perhaps not yet watched to its end */
    free(t->child);
    free(t);
    return r;
}

int template_fd(const struct template *t)
{
    return t->box->wire;
}

pid_t template_pid(const struct template *t)
{
    return t->box->pid;
}

static struct box *find(const struct template *t, int32_t inside)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->child[i]->inside == inside && !t->child[i]->gone)
            return t->child[i];
    return NULL;
}

/* The oldest order that no word came for. */
static void born(const struct template *t, const struct setup_word *word, int *pidfd)
{
    struct box *box = find(t, 0);

    if (!box)
        return;
    box->inside = word->pid;
    box->pidfd = steal_fd(pidfd);
    box->pid = word->pid > 0 ? pidfd_number(box->pidfd) : 0;
    if (box->pid <= 0) {
        box->pid = 0;
        box->gone = true;
        box->wait_status = BOX_LOST;
    }
}

static struct timeval time_of(uint64_t us)
{
    return (struct timeval){(time_t)(us / 1000000u), (suseconds_t)(us % 1000000u)};
}

static void ended(const struct template *t, const struct setup_word *word)
{
    struct box *box = find(t, word->pid);

    if (!box)
        return;
    box->gone = true;
    box->wait_status = word->status;
    box->used.ru_utime = time_of(word->user_us);
    box->used.ru_stime = time_of(word->system_us);
}

/* One word; 1, or 0 where none is there, or -1 where none will come. */
static int take_word(struct template *t, int flags)
{
    struct setup_word word;
    struct iovec iov = {&word, sizeof word};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } rights;
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = rights.bytes,
                         .msg_controllen = sizeof rights.bytes};
    ssize_t n = recvmsg(t->box->wire, &msg, MSG_CMSG_CLOEXEC | flags);
    autoclose int pidfd = -1;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n != (ssize_t)sizeof word)
        return -1;
    if (msg.msg_controllen >= CMSG_LEN(sizeof(int)))
        memcpy(&pidfd, CMSG_DATA(&rights.aligned), sizeof pidfd);
    if (word.kind == SETUP_BORN)
        born(t, &word, &pidfd);
    else
        ended(t, &word);
    return 1;
}

int template_take(struct template *t, struct fault *why)
{
    int r;

    do
        r = take_word(t, MSG_DONTWAIT);
    while (r > 0);
    if (r == 0)
        return 0;
    all_gone(t);
    return fault_set(why, STATUS_SETUP, 0, "template", "it has died");
}

void template_forget(struct box *box)
{
    struct template *t = box->template;
    size_t i = 0;

    while (t && !box->gone) {
        box_kill(box);
        if (take_word(t, MSG_WAITALL) < 0)
            all_gone(t);
    }
    box->pid = 0;
    while (t && i < t->count && t->child[i] != box)
        i++;
    for (; t && i + 1 < t->count; i++)
        t->child[i] = t->child[i + 1];
    if (t)
        t->count--;
}

static int add_child(struct template *t, struct box *box, struct fault *why)
{
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 16;
        struct box **more = reallocarray(t->child, room, sizeof(struct box *));

        if (!more)
            return fault_set(why, STATUS_SETUP, ENOMEM, "template", "a box");
        t->child = more;
        t->room = room;
    }
    t->child[t->count++] = box;
    box->forked = true;
    box->template = t;
    return 0;
}

static int send_order(const struct template *t, const struct box *box, int wire, struct fault *why)
{
    struct setup_order order = {.joins = box->group.places};
    struct iovec iov = {&order, sizeof order};
    union {
        char bytes[CMSG_SPACE((1 + SETUP_JOINS) * sizeof(int))];
        struct cmsghdr aligned;
    } rights = {0};
    int fds[1 + SETUP_JOINS] = {wire};
    size_t size = (1 + order.joins) * sizeof(int);
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = rights.bytes,
                         .msg_controllen = CMSG_SPACE(size)};

    for (unsigned i = 0; i < box->group.places; i++)
        fds[1 + i] = box->group.place[i].join;
    rights.aligned =
        (struct cmsghdr){CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&rights.aligned), fds, size);
    if (sendmsg(t->box->wire, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof order)
        return 0;
    return fault_set(why, STATUS_SETUP, errno, "template", "ordering a box");
}

int template_fork(struct template *t, struct group *g, const struct group_limits *l,
                  struct box **box, struct fault *why)
{
    struct box *new = *box = box_blank(why);
    autoclose int theirs = -1;

    if (!new)
        return -1;
    new->plan = t->boxes;
    new->bundle = t->box->bundle;
    new->cgroups = t->box->cgroups;
    new->limits = *l;
    new->group = *g;
    *g = GROUP_INIT;
    if (t->dead)
        return fault_set(why, STATUS_SETUP, 0, "template", "it has died");
    if (box_pair(new, &theirs, why) < 0)
        return -1;
    lines_open(&new->in, WIRE_LINE_MAX);
    if (add_child(t, new, why) < 0)
        return -1;
    if (send_order(t, new, theirs, why) == 0)
        return 0;
    new->gone = true; /* no word will come of it */
    return -1;
}
