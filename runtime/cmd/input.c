/* Waiting for input without being deaf to signals: a FIFO, terminal or pipe may never give any. */
#include "runtime/cmd/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/meter.h"
#include "runtime/caller/caller.h"
#include "schemas/setup.h"

static bool is_ignored(int signo)
{
    struct sigaction now;

    return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* The signals that mean "stop": blocked, and read in the poll loop. SIGHUP stays ignored under
 * nohup(1); if SIGCHLD stayed ignored, the kernel would reap the box before wait4(2) could. SIGPIPE
 * shows as EPIPE, SIGXFSZ as EFBIG. */
static int pending = -1; /* readable: one is pending */

/* For meters. Only ppoll(2), which the monitor's filter allows. */
static bool input_signalled(void)
{
    struct pollfd p = {.fd = pending, .events = POLLIN};

    return ppoll(&p, 1, &(struct timespec){0}, NULL) > 0;
}

int input_signals(struct fault *why)
{
    static const int stops[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
    sigset_t set;
    int fd;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        if (stops[i] != SIGHUP || !is_ignored(SIGHUP))
            sigaddset(&set, stops[i]);
    signal(SIGCHLD, SIG_DFL);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    sigaddset(&set, SIGPIPE);
    sigaddset(&set, SIGXFSZ);
    if (fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return fault_set(why, STATUS_SETUP, errno, "signals", "blocking them");
    pending = fd;
    meter_signals(input_signalled);
    return fd;
}

void input_signals_from(int fd)
{
    pending = fd;
}

static int stopped_by(const struct signalfd_siginfo *info, const char *where, int *signo,
                      struct fault *why)
{
    *signo = (int)info->ssi_signo;
    return fault_set(why, STATUS_CANCELLED, 0, where, "stopped by signal %u (%s)", info->ssi_signo,
                     strsignal((int)info->ssi_signo));
}

void input_stopped(int signals, int *signo, struct fault *why)
{
    struct signalfd_siginfo info;
    char where[sizeof why->where];

    if (read(signals, &info, sizeof info) != sizeof info)
        return;
    memcpy(where, why->where, sizeof where);
    stopped_by(&info, where, signo, why);
}

int input_await(int fd, int signals, const char *where, int *signo, struct fault *why)
{
    struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    struct signalfd_siginfo info;

    if (poll(p, 2, -1) < 0 && errno != EINTR)
        return fault_set(why, STATUS_SETUP, errno, where, "waiting for it");
    if (!p[1].revents || read(signals, &info, sizeof info) != sizeof info)
        return p[0].revents != 0;
    return stopped_by(&info, where, signo, why);
}

/* One read(2): the bytes read, -2 where none are ready yet, -1 with errno. */
static ssize_t read_more(int fd, struct str *out)
{
    ssize_t n = read(fd, out->data + out->len, out->cap - out->len - 1);

    if (n > 0)
        out->len += (size_t)n;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? -2 : n;
}

void input_open(struct input_file *f, const char *path)
{
    *f = (struct input_file){.path = path, .fd = STDIN_FILENO};
    if (!path || strcmp(path, "-") == 0)
        return;
    /* O_NONBLOCK: opening a FIFO would block until it has a writer; poll(2) waits for one too. */
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    f->error = f->fd < 0 ? errno : 0;
}

void input_close(struct input_file *f)
{
    if (f->fd > STDIN_FILENO)
        close(f->fd);
    *f = (struct input_file){.fd = -1};
}

int input_whole(const struct input_file *f, int signals, int *signo, struct str *out,
                struct fault *why)
{
    const char *path = f->path;
    ssize_t n = f->fd < 0 ? -1 : 1;
    int ready;

    errno = f->error;
    while (n != 0 && n != -1 && out->len <= WIRE_LINE_MAX && str_reserve(out, 65536) == 0) {
        ready = input_await(f->fd, signals, path, signo, why);
        if (ready < 0)
            return -1;
        if (ready)
            n = read_more(f->fd, out);
    }
    if (n == -1)
        return fault_set(why, STATUS_INVALID, errno, path, "reading");
    if (out->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, path, "reading");
    if (n)
        return fault_set(why, STATUS_INVALID, 0, path, "is larger than %u bytes", WIRE_LINE_MAX);
    return 0;
}

int input_first_line(struct caller *c, int signals, char **line, size_t *n, int *signo,
                     struct fault *why)
{
    int got;

    while ((got = lines_message(&c->lines, line, n)) == 0 && !c->lines.eof) {
        int ready = input_await(c->in, signals, "start line", signo, why);

        if (ready < 0)
            return -1;
        if (ready && lines_fill(&c->lines, c->in) < 0 && errno != EAGAIN && errno != EINTR)
            return fault_set(why, errno == ENOMEM ? STATUS_SETUP : STATUS_INVALID, errno,
                             "start line", "reading it");
    }
    if (got < 0)
        return fault_set(why, STATUS_INVALID, 0, "start line", "is longer than %u bytes",
                         WIRE_LINE_MAX);
    if (got == 0)
        return fault_set(why, STATUS_INVALID, 0, "start line",
                         "the caller closed the wire before sending it");
    return 0;
}
