/* What can be done with a box at any time: its clock, its end, its wire. */
#include "runtime/jail/box.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

uint64_t box_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#define CLOCK_CPU   2u /* CPUCLOCK_SCHED and CPUCLOCK_PROF, of a process */
#define CLOCK_TICKS 0u

static uint64_t read_clock(const struct box *box, unsigned which)
{
    struct timespec t;
    clockid_t clock = (clockid_t)(~(unsigned)box->pid << 3 | which);

    if (!box->pid || clock_gettime(clock, &t) < 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void box_clock(const struct box *box, struct box_clock *c)
{
    if (box->holder && box_is_gone(box))
        *c = box->end.clock;
    else if (box->holder && box->holder->clock)
        box->holder->clock(box, c);
    else
        *c = (struct box_clock){read_clock(box, CLOCK_CPU), read_clock(box, CLOCK_TICKS)};
}

uint64_t box_cpu(const struct box *box)
{
    struct box_clock c;

    if (!box->holder)
        return read_clock(box, CLOCK_CPU);
    box_clock(box, &c);
    return c.cpu;
}

void box_usage(const struct box *box, struct group_usage *u)
{
    if (box->holder)
        *u = box->end.usage;
    else
        group_usage(&box->group, u);
}

bool box_peak(const struct box *box, struct rusage *used)
{
    bool counted = group_counts_peak(&box->group);
    char path[32], text[8192];
    autoclose int fd = -1;
    struct field rest, size, kib;
    uint64_t peak;
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/status", box->in_proc);
    fd = counted || box->in_proc <= 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0)
        return counted;
    text[n] = '\0';
    rest = field_of(text);
    if (!field_key(&rest, "VmHWM", ':', &size) || !field_word(&size, &kib) ||
        field_number(kib, &peak) < 0)
        return false;
    used->ru_maxrss = (long)peak;
    return true;
}

enum oom_whose box_oom(const struct box *box, struct oom *o)
{
    if (!box->holder)
        return group_oom(&box->group, box->cgroups, o);
    *o = box->end.oom;
    return (enum oom_whose)box->end.whose;
}

/* One bounded read. The page is the box's own anonymous memory, as no filter lets a box map a file,
 * so the read cannot block on one. */
static void read_noted(struct box *box)
{
    struct iovec mine = {box->noted, SETUP_WHERE};
    struct iovec its = {(void *)(uintptr_t)box->where, SETUP_WHERE};
    ssize_t n = !box->where || !box->pid ? 0 : process_vm_readv(box->pid, &mine, 1, &its, 1, 0);

    box->noted[n > 0 ? n : 0] = '\0';
}

void box_violation(struct box *box)
{
    struct seccomp_notif said;

    /* ENOENT: the calling thread has died meanwhile. */
    memset(&said, 0, sizeof said);
    if (!box->violated && ioctl(box->listener, SECCOMP_IOCTL_NOTIF_RECV, &said) == 0) {
        box->violated = true;
        box->call = said.data;
        read_noted(box);
    }
}

void box_set_gone(struct box *box, int status)
{
    if (box_is_gone(box))
        return;
    box->ending = BOX_GONE;
    box->wait_status = status;
}

bool box_is_gone(const struct box *box)
{
    return box->ending >= BOX_GONE;
}

bool box_is_born(const struct box *box)
{
    return box->pidfd >= 0 || box_is_gone(box);
}

bool box_has_ended(struct box *box)
{
    struct pollfd p = {.fd = box->pidfd, .events = POLLIN};

    if (box->ending == BOX_LIVE && box->pidfd >= 0 && poll(&p, 1, 0) > 0)
        box->ending = BOX_ENDED;
    return box->ending != BOX_LIVE;
}

void box_hang_up(struct box *box)
{
    close(steal_fd(&box->wire));
    lines_close(&box->in);
    str_free(&box->out);
}

void box_kill(struct box *box)
{
    if (box->holder) {
        box->holder->kill(box);
        return;
    }
    if (!box->pid || box->pidfd < 0 ||
        syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0) == 0 || errno == ESRCH)
        return;
    if (!box->kill_failed) {
        box->kill_errno = errno;
        box->kill_failed = box_now();
    }
    if (box->wire >= 0)
        shutdown(box->wire, SHUT_RDWR);
}

uint64_t box_stays(const struct box *box)
{
    return box->kill_failed ? box->kill_failed + BOX_STAY : UINT64_MAX;
}

int box_await(struct box *box)
{
    struct pollfd p = {.fd = box->pidfd, .events = POLLIN};

    for (;;) {
        int r = poll(&p, 1, box->kill_failed ? (int)(BOX_STAY / 1000000) : -1);

        if (r > 0)
            return 0;
        if (box_now() >= box_stays(box))
            return -1;
        if (r < 0 && errno != EINTR)
            return box->kill_failed ? -1 : 0; /* it was killed, and reaping it will wait */
    }
}

int box_reap(struct box *box, int *status, struct rusage *used)
{
    bool own = box->maker == MAKER_COLD && !box->holder;

    if (own ? wait4(box->pid, status, __WALL, used) < 0 : !box_is_gone(box))
        return -1;
    if (own)
        box->used = *used;
    else
        *status = box->wait_status, *used = box->used;
    box->pid = 0;
    return 0;
}

int box_flush(struct box *box)
{
    while (box->out.len) {
        ssize_t n = send(box->wire, box->out.data, box->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        str_consume(&box->out, (size_t)n);
        explicit_bzero(box->out.data + box->out.len, (size_t)n); /* they may have been keys */
    }
    return 0;
}

int box_outgrown(const struct box *box, struct fault *why)
{
    const struct plan *p = box->boxes ? box->boxes : box->plan; /* a template's own plan has more */
    bool copied = p->profile != PROFILE_COMPUTE;
    char limit[32], size[32];

    limit_print(LIMIT_MEMORY, p->limits[LIMIT_MEMORY].effective, limit, sizeof limit);
    limit_print(LIMIT_MEMORY, jail_bundle_bytes(box->bundle), size, sizeof size);
    return fault_set(why, STATUS_MEMORY, 0, "memory limit",
                     "%s is too little to make the box%s%s (memory; -l memory=... changes it)",
                     limit, copied ? ", whose copy of the bundle alone takes " : "",
                     copied ? size : "");
}

int box_oom_in_making(const struct box *box, struct fault *why)
{
    char where[OOM_PLACE];
    struct oom oom;

    switch (group_oom(&box->group, box->cgroups, &oom)) {
    case OOM_OWN:
        return box_outgrown(box, why);
    case OOM_OUTER:
        oom_place(&oom, where);
        return fault_set(why, STATUS_SETUP, 0, "memory",
                         "the box was killed in its making because %s was out of memory", where);
    case OOM_NONE:
        break;
    }
    return 0;
}
