/* Drives the real box program from a test: a socket pair, fork, exec, setup, start line, replies.
 * The filter is hand-made: the five system calls of profile compute, all else goes to the listener
 * and kills. */
#ifndef SCRIPT_BOX_TEST_H
#define SCRIPT_BOX_TEST_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schemas/setup.h"
#include "tests/processor.h"

struct source {
    const char *path, *text;
    size_t n; /* 0: strlen(text) */
};

struct job {
    struct source sources[8]; /* the first is main */
    const char *entry;        /* NULL: "run" */
    const char *start;        /* start line; NULL: {"seed":7} */
    const char *input;        /* what Readline and ToEnd get, line by line */
    const char *reply;        /* to Call; NULL: {"Ok":null} */
    const char *calls[4], *env[4];
    uint64_t arena, instructions, line_max; /* 0: 8M, none, 1M */
    uint32_t flags, prefault,
        bad_texts; /* the last: pairs of env that are said to be there and are not */
    bool no_filter;
};

struct outcome {
    char *lines; /* everything after Ready */
    size_t n;
    int status;     /* waitpid(2)'s */
    int syscall;    /* the forbidden one, or -1 */
    size_t longest; /* line, '\n' included */
    struct rusage usage;
};

static const struct sock_filter compute_filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 0, 6),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 5, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 4, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 3, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

#define FILTER_COUNT (sizeof compute_filter / sizeof *compute_filter)

static char box_path[4096];

/* The test lies in $B/tests/unit/, the box program NAME in $B/. */
static inline void box_find(const char *argv0, const char *name)
{
    const char *slash = strrchr(argv0, '/');

    snprintf(box_path, sizeof box_path, "%.*s/../../%s", slash ? (int)(slash - argv0) : 1,
             slash ? argv0 : ".", name);
}

struct bytes {
    char *at;
    size_t n, cap;
};

static inline void bytes_add(struct bytes *b, const void *at, size_t n)
{
    if (b->n + n + 1 > b->cap) {
        b->cap = (b->n + n + 1) * 2;
        b->at = realloc(b->at, b->cap);
    }
    memcpy(b->at + b->n, at, n);
    b->n += n;
    b->at[b->n] = 0;
}

static inline void text_add(struct bytes *b, const char *text, size_t n)
{
    uint32_t len = (uint32_t)n;

    bytes_add(b, &len, sizeof len);
    bytes_add(b, text, n);
}

static inline void send_all(int fd, const char *at, size_t n)
{
    while (n) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        at += sent;
        n -= (size_t)sent;
    }
}

static inline void send_setup(int fd, const struct job *job)
{
    struct setup head = {.magic = SETUP_MAGIC,
                         .arena = job->arena ? job->arena : 8u << 20,
                         .instructions = job->instructions ? job->instructions : UINT64_MAX,
                         .line_max = job->line_max ? job->line_max : 1u << 20,
                         .flags = job->flags,
                         .prefault = job->prefault,
                         .filter_count = job->no_filter ? 0 : FILTER_COUNT};
    struct setup_texts counts = {0};
    struct bytes b = {.n = 0}, texts = {.n = 0};

    if (!job->no_filter)
        bytes_add(&b, compute_filter, sizeof compute_filter);
    bytes_add(&texts, &counts, sizeof counts);
    text_add(&texts, "test/box", 8);
    text_add(&texts, "1.2.3", 5);
    text_add(&texts, job->entry ? job->entry : "run", strlen(job->entry ? job->entry : "run"));
    text_add(&texts, job->sources[0].path, strlen(job->sources[0].path));
    for (const char *const *call = job->calls; counts.call_count < 4 && *call; call++) {
        counts.call_count++;
        text_add(&texts, *call, strlen(*call));
    }
    for (const char *const *pair = job->env; counts.env_count < 2 && *pair; pair += 2) {
        counts.env_count++;
        text_add(&texts, pair[0], strlen(pair[0]));
        text_add(&texts, pair[1], strlen(pair[1]));
    }
    counts.env_count += job->bad_texts;
    memcpy(texts.at, &counts, sizeof counts);
    for (; head.source_count < 8 && job->sources[head.source_count].path; head.source_count++) {
        const struct source *s = &job->sources[head.source_count];

        text_add(&b, s->path, strlen(s->path));
        text_add(&b, s->text, s->n ? s->n : strlen(s->text));
    }
    head.total = b.n;
    head.texts = texts.n;
    send_all(fd, (char *)&head, sizeof head);
    send_all(fd, b.at, b.n);
    send_all(fd, (char *)&(struct setup_keys){0}, sizeof(struct setup_keys));
    send_all(fd, texts.at, texts.n);
    free(b.at);
    free(texts.at);
}

static inline pid_t box_spawn(int *fd)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        exit(1); /* and no -1, which kill(2) takes for every process */

    pid_t pid = fork();

    if (pid < 0)
        exit(1);
    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        dup2(pair[1], 0);
        close(1);
        execl(box_path, strrchr(box_path, '/') + 1, (char *)NULL);
        _exit(99);
    }
    close(pair[1]);
    *fd = pair[0];
    return pid;
}

struct driver {
    const struct job *job;
    struct outcome *out;
    int fd, listener;
    pid_t pid;
    const char *input;
};

static inline void send_text(int fd, const char *text, size_t n)
{
    struct bytes b = {.n = 0};

    bytes_add(&b, "{\"Ok\":\"", 7);
    for (; n; text++, n--)
        bytes_add(&b, *text == '\n' ? "\\n" : text, *text == '\n' ? 2 : 1);
    bytes_add(&b, "\"}\n", 3);
    send_all(fd, b.at, b.n);
    free(b.at);
}

static inline void answer(struct driver *d, const char *line)
{
    static const char null[] = "{\"Ok\":null}\n";
    const char *input = d->input ? d->input : "", *nl = strchr(input, '\n');
    size_t rest = strlen(input);

    if (strncmp(line, "{\"Stdio\":\"", 10) == 0 && rest) {
        size_t len = line[10] == 'T' || !nl ? rest : (size_t)(nl - input) + 1;

        send_text(d->fd, input, len);
        d->input = input + len;
    } else if (strncmp(line, "{\"Stdio\":\"", 10) == 0 || strncmp(line, "{\"Artifact\"", 11) == 0) {
        send_all(d->fd, null, strlen(null));
    } else if (strncmp(line, "{\"Sleep\"", 8) == 0 || strncmp(line, "{\"Blob\"", 7) == 0) {
        send_all(d->fd, null, strlen(null));
    } else if (strncmp(line, "{\"Call\"", 7) == 0 || strncmp(line, "{\"Database\"", 11) == 0 ||
               strncmp(line, "{\"Ratelimit\"", 12) == 0) {
        send_all(d->fd, d->job->reply ? d->job->reply : null,
                 strlen(d->job->reply ? d->job->reply : null));
        send_all(d->fd, "\n", d->job->reply ? 1 : 0);
    }
}

/* Its first word. One that is no READY stands in the transcript, as a line. */
static inline void take_ready(struct driver *d, struct bytes *b)
{
    const char *start = d->job->start ? d->job->start : "{\"seed\":7}";
    struct setup_ready word = {0};

    for (size_t n = 0; n < sizeof word;) {
        ssize_t got = read(d->fd, (char *)&word + n, sizeof word - n);

        if (got <= 0)
            return;
        n += (size_t)got;
    }
    if (word.state == SETUP_FAILED) {
        bytes_add(b, "failed: ", 8);
        bytes_add(b, word.text, strnlen(word.text, sizeof word.text));
        bytes_add(b, "\n", 1);
    } else if (word.state == SETUP_TOO_LITTLE_MEMORY) {
        bytes_add(b, "too little memory\n", 18);
    }
    if (word.state != SETUP_READY)
        return;
    if (word.listener >= 0) {
        int pidfd = (int)syscall(SYS_pidfd_open, d->pid, 0);

        d->listener = (int)syscall(SYS_pidfd_getfd, pidfd, word.listener, 0);
        close(pidfd);
    }
    send_all(d->fd, start, strlen(start));
    send_all(d->fd, "\n", 1);
}

/* Answer whole lines of B from *SEEN on. */
static inline void take_lines(struct driver *d, struct bytes *b, size_t *seen)
{
    for (char *nl; b->at && (nl = memchr(b->at + *seen, '\n', b->n - *seen));
         *seen = (size_t)(nl - b->at) + 1) {
        size_t n = (size_t)(nl - (b->at + *seen)) + 1;

        d->out->longest = n > d->out->longest ? n : d->out->longest;
        answer(d, b->at + *seen);
    }
}

static inline void forbidden(struct driver *d)
{
    struct seccomp_notif n = {.id = 0};

    if (ioctl(d->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0)
        d->out->syscall = n.data.nr;
    kill(d->pid, SIGKILL);
}

static inline struct outcome box_run(const struct job *job)
{
    struct outcome out = {.syscall = -1};
    struct driver d = {.job = job, .out = &out, .listener = -1, .input = job->input};
    struct bytes b = {.n = 0};
    size_t seen = 0;

    d.pid = box_spawn(&d.fd);
    send_setup(d.fd, job);
    take_ready(&d, &b);
    for (;;) {
        struct pollfd p[2] = {{.fd = d.fd, .events = POLLIN}, {.fd = d.listener, .events = POLLIN}};
        char piece[65536];

        if (poll(p, 2, 60000) <= 0) {
            kill(d.pid, SIGKILL);
            break;
        }
        if (p[1].revents & POLLIN)
            forbidden(&d);
        if (!p[0].revents)
            continue;

        ssize_t got = read(d.fd, piece, sizeof piece);

        if (got <= 0)
            break;
        bytes_add(&b, piece, (size_t)got);
        take_lines(&d, &b, &seen);
    }
    wait4(d.pid, &out.status, 0, &out.usage);
    close(d.fd);
    if (d.listener >= 0)
        close(d.listener);
    bytes_add(&b, "", 0);
    out.lines = b.at;
    out.n = b.n;
    return out;
}

static inline struct outcome box_lua(const char *text)
{
    struct job job = {.sources = {{"main.lua", text, 0}}};

    return box_run(&job);
}

static inline void outcome_free(struct outcome *o)
{
    free(o->lines);
    o->lines = NULL;
}

/* Does TEXT stand in the transcript? */
static inline bool outcome_has(const struct outcome *o, const char *text)
{
    return strstr(o->lines, text) != NULL;
}

static inline int outcome_exit(const struct outcome *o)
{
    return WIFEXITED(o->status) ? WEXITSTATUS(o->status) : -WTERMSIG(o->status);
}

#endif
