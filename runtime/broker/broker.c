/* The broker's loop: the monitor's orders, the box's events, and signals. Reads structs of fixed
 * size from the monitor and nothing from the box's wire. */
#include "runtime/broker/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/broker/audit.h"
#include "runtime/broker/front.h"
#include "runtime/broker/orders.h"
#include "runtime/broker/orders_parts.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/own_filter.h"

#define STOP_PATIENCE \
    30000000000ull            /* ns from a signal to stop: a slow reader may take what is left */
#define END_PATIENCE_MS 10000 /* for a monitor that has closed its wire to exit */

/* The monitor dies with the broker, whatever it waits for. */
static void become_monitor(struct broker *b, pid_t broker, const int orders[2],
                           const int signals[2], struct broker_wire *w)
{
    *w = (struct broker_wire){orders[1], signals[0], orders_room(b->orders), 0};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        w->error = errno;
    if (getppid() != broker)
        w->error = ESRCH;
    close(orders[0]);
    close(signals[1]);
}

int broker_fork(struct broker *b, struct broker_wire *w, struct fault *why)
{
    pid_t broker = getpid(), pid;
    int orders[2], signals[2];

    b->socket = b->forward = b->pidfd = -1;
    if (orders_open(b, why) < 0)
        return -1;
    /* A parent may have left it ignored: then the kernel would reap the monitor. */
    signal(SIGCHLD, SIG_DFL);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, orders) < 0)
        return fault_set(why, STATUS_SETUP, errno, "broker", "its socket");
    if (pipe2(signals, O_CLOEXEC | O_NONBLOCK) < 0) {
        close(orders[0]);
        close(orders[1]);
        return fault_set(why, STATUS_SETUP, errno, "broker", "its pipe");
    }
    pid = fork();
    if (pid == 0) {
        become_monitor(b, broker, orders, signals, w);
        return 0;
    }
    close(orders[1]);
    close(signals[0]);
    b->socket = orders[0];
    b->forward = signals[1];
    b->monitor = pid;
    b->pidfd = pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
    if (pid < 0 || b->pidfd < 0)
        diagnosis_fork(why, "starting the monitor");
    /* The monitor, which begins meanwhile, has one of its own. */
    else if (own_filter_load(why) == 0)
        return pid;
    if (pid > 0)
        kill(pid, SIGKILL), waitpid(pid, NULL, 0);
    if (b->pidfd >= 0)
        close(steal_fd(&b->pidfd));
    close(steal_fd(&b->socket));
    close(steal_fd(&b->forward));
    return -1;
}

static void broker_reload(struct broker *b)
{
    const struct order_plain t = {NOTICE_RELOAD};
    struct fault unheard;

    if (b->front->reloading)
        b->front->reloading(b->front->owner);
    orders_answer(b->orders, &t, sizeof t, -1, &unheard);
}

/* The front of a fleet has its own clock for the first signal. */
static void front_stop(struct broker *b)
{
    uint64_t patience = b->front->patience;

    if (!b->stops && b->front->stopping)
        b->front->stopping(b->front->owner);
    if (!b->stops && patience)
        b->stop_due = box_now() + patience;
    if (b->stops == 1)
        b->stop_due = box_now() + STOP_PATIENCE;
    b->stops += b->stops < 2;
}

/* A monitor that reads no more signals has had enough of them. It gets STOP_PATIENCE to end. */
void broker_forward(struct broker *b)
{
    struct signalfd_siginfo info;

    while (read(b->signals, &info, sizeof info) == sizeof info) {
        if (b->front && b->front->reloads && info.ssi_signo == SIGHUP) {
            broker_reload(b);
            continue;
        }
        if (b->front)
            front_stop(b);
        else
            b->stop_due = b->stop_due ? b->stop_due : box_now() + STOP_PATIENCE;
        /* Once more: a signal that is lost here is waited for until the monitor is ended. */
        if (write(b->forward, &info, sizeof info) < 0 && write(b->forward, &info, sizeof info) < 0)
            break;
    }
}

/* The timeout of poll(2), in milliseconds. */
static int patience(const struct broker *b)
{
    uint64_t now = box_now();
    int box = orders_left(b->orders), makers = front_left(b), stop;

    if (makers >= 0 && (box < 0 || makers < box))
        box = makers;
    if (!b->stop_due)
        return box;
    stop = b->stop_due > now ? (int)((b->stop_due - now) / 1000000 + 1) : 0;
    return box < 0 || stop < box ? stop : box;
}

/* Wait for the monitor's end. It may be exiting, which takes a moment; one that has only shut its
 * wire has nothing more to do, and is killed. box_delete() ends the box that it leaves. */
static int broker_reap(struct broker *b, const struct fault *breach, struct fault *why)
{
    struct pollfd p = {.fd = b->pidfd, .events = POLLIN};
    siginfo_t info = {0};

    if (!breach->what[0] || b->failed)
        poll(&p, 1, END_PATIENCE_MS);
    syscall(SYS_pidfd_send_signal, b->pidfd, SIGKILL, NULL, 0);
    while (waitid(P_PIDFD, (id_t)b->pidfd, &info, WEXITED) < 0 &&
           waitid(P_PID, (id_t)b->monitor, &info, WEXITED) < 0) /* before Linux 5.4 */
        if (errno != EINTR)
            return fault_set(why, STATUS_SETUP, errno, "broker", "waiting for the monitor");
    b->killed = info.si_code == CLD_EXITED ? 0 : info.si_status;
    if (breach->what[0] && (b->killed ? b->killed == SIGKILL : !b->failed)) {
        *why = *breach;
        return -1;
    }
    if (info.si_code == CLD_EXITED)
        return info.si_status;
    if (info.si_status == SIGKILL && !p.revents)
        return fault_set(why, STATUS_SETUP, 0, "monitor",
                         "was ended: it has shut its wire and stayed");
    return fault_set(why, STATUS_SETUP, 0, "monitor", "was killed by signal %d (%s)",
                     info.si_status, strsignal(info.si_status));
}

int broker_serve(struct broker *b, struct fault *why)
{
    enum { AT_MONITOR, AT_SOCKET, AT_SIGNALS, AT_BOX, AT_LISTENER, AT__COUNT };
    struct pollfd p[AT__COUNT + BROKER_MAKERS];
    struct fault breach = b->unnotified;
    int status;

    while (!breach.what[0]) {
        const struct box *box = orders_box(b->orders);
        size_t makers = front_ask(b, p + AT__COUNT);

        p[AT_MONITOR] = (struct pollfd){.fd = b->pidfd, .events = POLLIN};
        p[AT_SOCKET] = (struct pollfd){.fd = b->socket, .events = POLLIN};
        p[AT_SIGNALS] = (struct pollfd){.fd = b->signals, .events = POLLIN};
        p[AT_BOX] = (struct pollfd){.fd = box && box->pid ? box->pidfd : -1, .events = POLLIN};
        p[AT_LISTENER] =
            (struct pollfd){.fd = box && box->pid ? box->listener : -1, .events = POLLIN};
        if (poll(p, AT__COUNT + makers, patience(b)) < 0 && errno != EINTR) {
            orders_fail(b->orders, &breach, "poll");
            break;
        }
        if (makers)
            front_reap(b);
        if (p[AT_SIGNALS].revents)
            broker_forward(b);
        if (b->stop_due && box_now() >= b->stop_due) {
            fault_set(&breach, STATUS_SETUP, 0, "monitor",
                      "was ended: it did not stop when it was told to");
            break;
        }
        if (orders_serve(b->orders, p[AT_LISTENER].revents, p[AT_BOX].revents, &breach) < 0 ||
            (p[AT_SOCKET].revents & POLLIN && orders_take(b->orders, &breach) < 0))
            break;
        if (p[AT_MONITOR].revents || p[AT_SOCKET].revents & POLLHUP)
            break;
    }
    if (breach.what[0] && !b->failed) /* it has nothing more to say */
        syscall(SYS_pidfd_send_signal, b->pidfd, SIGKILL, NULL, 0);
    if (breach.what[0] && !b->failed)
        audit_refused(b->audit, breach.what, &b->unaudited);
    if (b->box) /* no one watches its clocks from here on */
        box_kill(b->box);
    if (b->failed)
        orders_tell_failed(b, &breach);
    /* Let a monitor that is still waiting see end of file. */
    close(steal_fd(&b->socket));
    status = broker_reap(b, &breach, why);
    if (status < 0 || b->failed) /* write the report that the monitor could no longer order */
        orders_failed(b->orders, status < 0 ? why : &breach);
    return status;
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(steal_fd(fd));
}

int broker_close(struct broker *b, struct fault *why)
{
    orders_close(b);
    front_close(b);
    shut(&b->socket);
    shut(&b->forward);
    shut(&b->pidfd);
    *why = b->left;
    return b->left.what[0] ? -1 : 0;
}
