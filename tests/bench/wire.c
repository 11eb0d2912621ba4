/* wire call|log RUNBOX BUNDLE [ROUNDS]: what a message costs on its way through the monitor, against the
 * same bytes without one. "call": a round trip of box.call, against two ping-pongs over a raw socketpair
 * (a call makes two hops in each direction). "log": a line from box to caller, against the same lines
 * written to and read from a raw pipe one by one. The bundle sends MESSAGES of them after a first one that
 * is not counted. The two sides take turns; medians, as one JSON object. */
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES   5000
#define ROUNDS_MAX 99

extern char **environ;

static const char call_line[] = "{\"Call\":{\"method\":\"m\",\"params\":1}}\n";
static const char log_line[] =
    "{\"Log\":{\"Info\":\"a line of a log, as long as such lines are\"}}\n";
static const char reply[] = "{\"Ok\":1}\n";

static void fail(const char *what)
{
    fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void put(int fd, const void *bytes, size_t n)
{
    if (write(fd, bytes, n) != (ssize_t)n)
        fail("write");
}

static void get(int fd, size_t n)
{
    char buffer[256];

    while (n > 0) {
        ssize_t r = read(fd, buffer, n);

        if (r <= 0)
            fail("read");
        n -= (size_t)r;
    }
}

static pid_t start(char *runbox, char *bundle, int in[2], int out[2])
{
    char run[] = "run", json[] = "--json", *argv[] = {runbox, run, json, bundle, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;

    if (pipe(in) < 0 || pipe(out) < 0)
        fail("pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    errno = posix_spawn(&pid, runbox, &actions, NULL, argv, environ);
    if (errno)
        fail(runbox);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    return pid;
}

/* Microseconds for each of MESSAGES calls or lines. */
static double through_runbox(char *runbox, char *bundle, bool call)
{
    int in[2], out[2], count = 0;
    pid_t pid = start(runbox, bundle, in, out);
    FILE *lines = fdopen(out[0], "r");
    double begin = 0, end = 0;
    char line[4096];

    put(in[1], "{}\n", 3);
    while (lines && fgets(line, sizeof line, lines)) {
        if (strcmp(line, call ? call_line : log_line) != 0)
            continue;
        if (call)
            put(in[1], reply, sizeof reply - 1);
        end = now_us();
        if (count++ == 0)
            begin = end;
    }
    if (lines)
        fclose(lines);
    close(in[1]);
    waitpid(pid, NULL, 0);
    errno = EPROTO;
    if (count != MESSAGES + 1)
        fail("not all messages came");
    return (end - begin) / MESSAGES;
}

static double raw(bool call)
{
    size_t line = (call ? sizeof call_line : sizeof log_line) - 1;
    int pair[2], count = call ? 2 * MESSAGES : MESSAGES;
    double begin;

    if (call ? socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 : pipe(pair) < 0)
        fail("pair");
    begin = now_us();
    if (fork() == 0) {
        for (int i = 0; i < count; i++) {
            put(pair[1], call ? call_line : log_line, line);
            if (call)
                get(pair[1], sizeof reply - 1);
        }
        _exit(0);
    }
    for (int i = 0; i < count; i++) {
        get(pair[0], line);
        if (call)
            put(pair[0], reply, sizeof reply - 1);
    }
    begin = (now_us() - begin) / MESSAGES;
    wait(NULL);
    close(pair[0]);
    close(pair[1]);
    return begin;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    bool call = argc > 1 && strcmp(argv[1], "call") == 0;
    int rounds = argc > 4 ? atoi(argv[4]) : 9;
    double box[ROUNDS_MAX], bare[ROUNDS_MAX];

    if (argc < 4 || rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: wire call|log RUNBOX BUNDLE [ROUNDS]\n", stderr);
        return 2;
    }
    for (int i = 0; i < rounds; i++) {
        box[i] = through_runbox(argv[2], argv[3], call);
        bare[i] = raw(call);
    }
    qsort(box, (size_t)rounds, sizeof *box, by_size);
    qsort(bare, (size_t)rounds, sizeof *bare, by_size);
    printf("{\"row\":\"%s\",\"rounds\":%d,\"messages\":%d,\"runbox_us\":%.3f,\"raw_us\":%.3f,"
           "\"ratio\":%.3f}\n",
           call ? "call round trip" : "log line", rounds, MESSAGES, box[rounds / 2],
           bare[rounds / 2], box[rounds / 2] / bare[rounds / 2]);
    return 0;
}
