/* Asks runbox-cgroups. It runs as this user, without the caller's environment; its output is
 * checked all the same, since libexecdir may hold another version of it. */
#include "cgroups/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

#define ANSWER_MAX        16384
#define ANSWER_TIMEOUT_MS 5000

static int text_copy(char *to, const char *from)
{
    return snprintf(to, ADMIN_TEXT_MAX, "%s", from) < ADMIN_TEXT_MAX ? 0 : -1;
}

static int parse_line(char *line, struct admin *a)
{
    char *field[5], *next = line;
    int i = 0;

    for (int n = 0; n < 5; n++) {
        field[n] = strsep(&next, "\t");
        if (!field[n])
            return -1;
    }
    while (i < CONTROLLER__COUNT &&
           strcmp(field[0], controller_text((enum controller)i, HIERARCHY_V2)) != 0)
        i++;
    if (next || i == CONTROLLER__COUNT || strlen(field[1]) != 1 || !strchr("012", field[1][0]))
        return -1;

    struct admin_controller *c = &a->controller[i];

    c->version = (enum hierarchy)(field[1][0] - '0');
    c->made = strcmp(field[4], "made") == 0;
    return text_copy(c->mount, field[2]) < 0 || text_copy(c->path, field[3]) < 0 ||
                   text_copy(c->why, c->made ? "" : field[4]) < 0
               ? -1
               : 0;
}

int admin_parse(char *text, struct admin *a, struct fault *why)
{
    int lines = 0;

    memset(a, 0, sizeof *a);
    for (char *line; (line = strsep(&text, "\n")) && *line; lines++)
        if (parse_line(line, a) < 0)
            return fault_set(why, STATUS_SETUP, 0, "runbox-cgroups",
                             "line %d of its answer cannot be parsed", lines + 1);
    if (lines != CONTROLLER__COUNT)
        return fault_set(why, STATUS_SETUP, 0, "runbox-cgroups", "its answer has %d lines, not %d",
                         lines, CONTROLLER__COUNT);
    return 0;
}

int admin_in_kernel(const char *proc_cgroups, enum controller c)
{
    struct field rest = field_of(proc_cgroups), line, word;
    uint64_t enabled;

    /* "#subsys_name hierarchy num_cgroups enabled" */
    while (field_line(&rest, &line)) {
        if (!field_word(&line, &word) || !field_is(word, controller_text(c, HIERARCHY_V1)))
            continue;
        if (field_word(&line, &word) && field_word(&line, &word) && field_word(&line, &word) &&
            field_number(word, &enabled) == 0)
            return enabled != 0;
    }
    return -1;
}

static long long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* Read FD up to end of file: the length, or -1 with errno (ETIMEDOUT, EFBIG). */
static ssize_t read_answer(int fd, char *text, size_t size)
{
    long long deadline = now_ms() + ANSWER_TIMEOUT_MS;
    size_t len = 0;

    while (len < size - 1) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        long long left = deadline - now_ms();
        int ready = poll(&p, 1, left > 0 ? (int)left : 0);
        ssize_t n = ready > 0 ? read(fd, text + len, size - 1 - len) : -1;

        if (ready == 0)
            errno = ETIMEDOUT;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        text[len += (size_t)n] = '\0';
        if (n == 0)
            return (ssize_t)len;
    }
    errno = EFBIG;
    return -1;
}

static int start(const char *program, int out, pid_t *pid)
{
    char *const argv[] = {(char[]){"runbox-cgroups"}, NULL};
    char *const envp[] = {NULL};
    posix_spawn_file_actions_t actions;
    int err;

    posix_spawn_file_actions_init(&actions);
    err = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!err)
        err = posix_spawn(pid, program, &actions, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    return err;
}

int admin_ask(const char *program, struct admin *a, struct fault *why)
{
    char text[ANSWER_MAX];
    int pair[2], status = -1, err;
    ssize_t n;
    pid_t pid;

    if (pipe2(pair, O_CLOEXEC) < 0)
        return fault_set(why, STATUS_SETUP, errno, program, "creating a pipe for its output");
    autoclose int in = pair[0];
    err = start(program, pair[1], &pid);
    close(pair[1]);
    if (err)
        return fault_set(why, STATUS_SETUP, err, program, "starting it");
    n = read_answer(in, text, sizeof text);
    err = errno;
    if (n < 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (n < 0)
        return fault_set(why, STATUS_SETUP, err, program, "reading its answer");
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return fault_set(why, STATUS_SETUP, 0, program,
                         "ended with %s %d (127: is the library libcgroup installed?)",
                         WIFEXITED(status) ? "status" : "signal",
                         WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return admin_parse(text, a, why);
}
