/* One run, from its start to its report. Kills only what it has started. */
#include "tests/escape/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/escape/steer.h"

#define PATIENCE_MS 60000

/* Raw, so that input from TIOCSTI is read immediately, as part of the box's line. */
static void open_terminal(struct live *l)
{
    struct termios t;

    l->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (l->terminal < 0 || unlockpt(l->terminal) < 0)
        steer_fail("a terminal");
    l->device = ioctl(l->terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (l->device < 0 || tcgetattr(l->device, &t) < 0)
        steer_fail("a terminal's other end");
    cfmakeraw(&t);
    tcsetattr(l->device, TCSANOW, &t);
}

static _Noreturn void become(const struct live *l, int out, char *const *command)
{
    setsid();
    ioctl(l->device, TIOCSCTTY, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(l->device, 0);
    dup2(out, 1);
    execv(command[0], command);
    _exit(127);
}

/* Read the box's output until "ready". */
static void await_ready(const struct live *l)
{
    struct pollfd p = {.fd = l->out, .events = POLLIN};
    char said[64];
    size_t n = 0;

    while (n < sizeof said - 1 && poll(&p, 1, PATIENCE_MS) > 0) {
        ssize_t got = read(l->out, said + n, sizeof said - 1 - n);

        if (got <= 0)
            break;
        n += (size_t)got;
        said[n] = '\0';
        if (strstr(said, "ready\n"))
            return;
    }
    errno = EPROTO;
    steer_fail("the box did not say that it is ready");
}

static ino_t user_namespace(pid_t pid)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
    if (stat(path, &st) < 0)
        steer_fail(path);
    return st.st_ino;
}

/* Of the broker's two children, the one in its own user namespace; the other is the monitor. */
static pid_t box_of(pid_t parent)
{
    char path[64];
    FILE *file;
    int pid = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
    file = fopen(path, "re");
    while (file && fscanf(file, "%d", &pid) == 1)
        if (user_namespace(pid) != user_namespace(parent)) {
            fclose(file);
            return pid;
        }
    steer_fail(path);
}

void live_start(struct live *l, char *const *command, const char *report)
{
    int out[2];

    *l = (struct live){.report = report};
    unlink(report);
    open_terminal(l);
    if (pipe2(out, O_CLOEXEC) < 0)
        steer_fail("a pipe");
    l->monitor = fork();
    if (l->monitor < 0)
        steer_fail("fork");
    if (l->monitor == 0)
        become(l, out[1], command);
    close(out[1]);
    l->out = out[0];
    await_ready(l);
    l->box = box_of(l->monitor);
}

static void member(const char *json, const char *name, char out[LIVE_WORD])
{
    char key[32];
    const char *at;

    snprintf(key, sizeof key, "\"%s\":\"", name);
    at = strstr(json, key);
    snprintf(out, LIVE_WORD, "%.*s", at ? (int)strcspn(at + strlen(key), "\"") : 0,
             at ? at + strlen(key) : "");
}

static void read_report(const struct live *l, struct ending *e)
{
    char json[8192];
    int fd = open(l->report, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, json, sizeof json - 1);

    if (n < 0)
        steer_fail(l->report);
    close(fd);
    json[n < 0 ? 0 : n] = '\0';
    member(json, "status", e->status);
    member(json, "syscall", e->syscall);
}

/* Read its output to end of file, which is its exit. What does not fit into SAID is discarded. */
static void await_end(const struct live *l, char said[LIVE_WORD])
{
    struct pollfd p = {.fd = l->out, .events = POLLIN};
    char bytes[4096];
    size_t kept = 0;

    while (poll(&p, 1, PATIENCE_MS) > 0) {
        ssize_t n = read(l->out, bytes, sizeof bytes);
        size_t fits = LIVE_WORD - 1 - kept;

        if (n <= 0)
            return;
        fits = (size_t)n < fits ? (size_t)n : fits;
        memcpy(said + kept, bytes, fits);
        kept += fits;
    }
    kill(l->monitor, SIGKILL);
}

void live_end(struct live *l, struct ending *e)
{
    int status;

    *e = (struct ending){.status = ""};
    if (write(l->terminal, LIVE_LINE, strlen(LIVE_LINE)) < 0)
        steer_fail("writing its line");
    await_end(l, e->said);
    if (waitpid(l->monitor, &status, 0) < 0)
        steer_fail("waiting for the run");
    read_report(l, e);
    close(l->terminal);
    close(l->device);
    close(l->out);
}
