/* What can be done with a box at any time of its life: its clock, its end, its wire. */
#include "runtime/monitor/box.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/fd.h"

uint64_t box_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t box_cpu(const struct box *box)
{
    struct timespec t;
    clockid_t clock = (clockid_t)(~(unsigned)box->pid << 3 | 2); /* CPUCLOCK_SCHED of a process */

    if (!box->pid || clock_gettime(clock, &t) < 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool box_is_born(const struct box *box)
{
    return box->pidfd >= 0 || box->gone;
}

bool box_has_ended(struct box *box)
{
    struct pollfd p = {.fd = box->pidfd, .events = POLLIN};

    if (box->pidfd < 0)
        return box->gone;
    box->ended = box->ended || poll(&p, 1, 0) > 0;
    return box->ended;
}

void box_hang_up(struct box *box)
{
    close(steal_fd(&box->wire));
    lines_close(&box->in);
    str_free(&box->out);
}

void box_kill(const struct box *box)
{
    if (box->pid && box->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0);
}

int box_reap(struct box *box, int *status, struct rusage *used)
{
    if (box->forked ? !box->gone : wait4(box->pid, status, __WALL, used) < 0)
        return -1;
    if (box->forked) {
        *status = box->wait_status;
        *used = box->used;
    }
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
        explicit_bzero(box->out.data + box->out.len, (size_t)n); /* keys may have gone */
    }
    return 0;
}
