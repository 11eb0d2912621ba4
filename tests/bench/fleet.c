/* What many runs cost. Prints one JSON object.
 *   fleet warm SOCKET BUNDLE ROUNDS COMMAND...   one run over a kept connection against one COMMAND, alternating
 *   fleet latency SOCKET BUNDLE CONNECTIONS RUNS  each connection has one run after the other under way
 *   fleet spawn AT_ONCE COUNT COMMAND...          COMMAND so often, so many at once; prints nothing
 *   fleet once COMMAND...                         seconds, and the largest memory of COMMAND or a child of it
 * Trusts its server and its arguments; what fails ends it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 256

extern char **environ;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "fleet: %s: %s\n", what, why);
    exit(1);
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static unsigned number(const char *text)
{
    unsigned long n = strtoul(text, NULL, 10);

    if (!n || n > 100000000)
        fail(text, "not a count");
    return (unsigned)n;
}

/* Output of the commands goes nowhere. */
static pid_t spawn(char **argv)
{
    static posix_spawn_file_actions_t quiet;
    static int ready;
    int error;
    pid_t pid;

    if (!ready++) {
        posix_spawn_file_actions_init(&quiet);
        for (int fd = 0; fd <= 2; fd++)
            posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", fd ? O_WRONLY : O_RDONLY, 0);
    }
    error = posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
    if (error)
        fail(argv[0], strerror(error));
    return pid;
}

static void reap(char **argv)
{
    int status;

    if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
        fail(argv[0], "did not end well");
}

static int connect_to(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        fail(path, strerror(errno));
    return fd;
}

static void send_start(int fd, const char *bundle)
{
    char line[256];
    int n = snprintf(line, sizeof line, "{\"bundle\":\"%s\"}\n", bundle);

    if (write(fd, line, (size_t)n) != n)
        fail("sending a start line", strerror(errno));
}

/* What came; whether the run's last line is among it. */
static int take(int fd, char *text, size_t *have, size_t room)
{
    ssize_t n = read(fd, text + *have, room - *have - 1);

    if (n <= 0)
        fail("the server", n ? strerror(errno) : "closed the wire");
    *have += (size_t)n;
    text[*have] = '\0';
    if (text[*have - 1] != '\n' || !strstr(text, "{\"Exit\":"))
        return 0;
    if (!strstr(text, "{\"Exit\":\"Ok\"}"))
        fail("a run did not end well", text);
    *have = 0;
    return 1;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t n, double p)
{
    return sorted[(size_t)(p * (double)(n - 1) + 0.5)];
}

static double *times(size_t n)
{
    double *us = calloc(n, sizeof *us);

    if (!us)
        fail("memory", strerror(errno));
    return us;
}

static void print_one(const char *name, double *us, size_t n)
{
    qsort(us, n, sizeof *us, ascending);
    printf("\"%s\":{\"p10\":%.1f,\"median\":%.1f,\"p90\":%.1f}", name, percentile(us, n, 0.1),
           percentile(us, n, 0.5), percentile(us, n, 0.9));
}

static int warm(const char *path, const char *bundle, unsigned rounds, char **argv)
{
    static char text[65536];
    double *run = times(rounds), *bare = times(rounds);
    struct timespec pause = {.tv_nsec =
                                 1000000}; /* the server makes the next box while nobody asks */
    int fd = connect_to(path);

    for (unsigned i = 0; i < rounds; i++) {
        size_t have = 0;
        double begin;

        nanosleep(&pause, NULL);
        begin = now_us();
        send_start(fd, bundle);
        while (!take(fd, text, &have, sizeof text))
            ;
        run[i] = now_us() - begin;
        nanosleep(&pause, NULL);
        begin = now_us();
        spawn(argv);
        reap(argv);
        bare[i] = now_us() - begin;
    }
    printf("{");
    print_one("runbox_us", run, rounds);
    printf(",");
    print_one("bare_us", bare, rounds);
    printf(",\"rounds\":%u,\"ratio\":%.3f}\n", rounds,
           percentile(run, rounds, 0.5) / percentile(bare, rounds, 0.5));
    return 0;
}

static int latency(const char *path, const char *bundle, unsigned connections, unsigned runs)
{
    static struct pollfd p[CONNECTIONS];
    static char text[CONNECTIONS][8192];
    static size_t have[CONNECTIONS];
    static double began[CONNECTIONS];
    double *us = times(runs), start = now_us();
    unsigned begun = 0, done = 0;

    if (connections > CONNECTIONS)
        fail("connections", "too many");
    for (unsigned i = 0; i < connections; i++) {
        p[i] = (struct pollfd){.fd = connect_to(path), .events = POLLIN};
        began[i] = now_us();
        send_start(p[i].fd, bundle);
        begun++;
    }
    while (done < runs) {
        if (poll(p, connections, -1) < 0)
            fail("poll", strerror(errno));
        for (unsigned i = 0; i < connections; i++) {
            if (!p[i].revents || !take(p[i].fd, text[i], &have[i], sizeof text[i]))
                continue;
            if (done < runs)
                us[done++] = now_us() - began[i];
            began[i] = now_us();
            if (begun++ < runs)
                send_start(p[i].fd, bundle);
        }
    }
    start = now_us() - start;
    qsort(us, runs, sizeof *us, ascending);
    printf("{\"connections\":%u,\"runs\":%u,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
           "\"runs_per_second\":%.0f}\n",
           connections, runs, percentile(us, runs, 0.5), percentile(us, runs, 0.99),
           percentile(us, runs, 0.999), runs / start * 1e6);
    return 0;
}

static int spawn_many(unsigned at_once, unsigned count, char **argv)
{
    for (unsigned begun = 0, ended = 0; ended < count;) {
        if (begun < count && begun - ended < at_once) {
            spawn(argv);
            begun++;
            continue;
        }
        reap(argv);
        ended++;
    }
    return 0;
}

static int once(char **argv)
{
    double begin = now_us();
    struct rusage used;

    spawn(argv);
    reap(argv);
    getrusage(RUSAGE_CHILDREN, &used);
    printf("{\"seconds\":%.3f,\"memory_kib\":%ld}\n", (now_us() - begin) / 1e6, used.ru_maxrss);
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (strcmp(mode, "warm") == 0 && argc > 5)
        return warm(argv[2], argv[3], number(argv[4]), argv + 5);
    if (strcmp(mode, "latency") == 0 && argc == 6)
        return latency(argv[2], argv[3], number(argv[4]), number(argv[5]));
    if (strcmp(mode, "spawn") == 0 && argc > 4)
        return spawn_many(number(argv[2]), number(argv[3]), argv + 4);
    if (strcmp(mode, "once") == 0 && argc > 2)
        return once(argv + 2);
    fail("usage", "see the head of fleet.c");
}
