/* compare [-n ROUNDS] [-w WARM_UP_ROUNDS] [-p PAUSE_MS] [-i FILE] NAME PROGRAM [ARGUMENT]... [-- NAME PROGRAM [ARGUMENT]...]...
 * Times commands side by side, wall clock from posix_spawn(3) to waitpid(2), and prints one JSON array with the
 * median and the tenth and ninetieth percentiles in milliseconds. In each round every command runs once; every other
 * round has the order reversed, and after each pair of rounds the next one begins: all meet the same weather, and each
 * follows each other as often (what ran before leaves the kernel its namespaces to clear).
 * stdin of the commands is FILE, else /dev/null, as stdout and stderr are. A command that fails ends the whole. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS 8

struct command {
    char *name;
    char **argv;
    double *ms;
};

struct comparison {
    struct command command[COMMANDS];
    size_t count, rounds, warm_up; /* rounds that are not counted: caches fill in them */
    long pause_ms;
    posix_spawn_file_actions_t quiet;
};

extern char **environ;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "compare: %s: %s\n", what, why);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double time_once(const struct comparison *c, const struct command *cmd)
{
    double begin = now_ms();
    int status, error;
    pid_t pid;

    error = posix_spawnp(&pid, cmd->argv[0], &c->quiet, NULL, cmd->argv, environ);
    if (error)
        fail(cmd->argv[0], strerror(error));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            fail("waitpid", strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail(cmd->name, "the command did not end well");
    return now_ms() - begin;
}

static void run(struct comparison *c)
{
    struct timespec pause = {.tv_sec = c->pause_ms / 1000, .tv_nsec = c->pause_ms % 1000 * 1000000};

    for (size_t round = 0; round < c->warm_up + c->rounds; round++) {
        for (size_t i = 0; i < c->count; i++) {
            size_t place = round % 2 ? c->count - 1 - i : i;
            struct command *cmd = &c->command[(round / 2 + place) % c->count];
            double ms;

            if (c->pause_ms)
                nanosleep(&pause, NULL);
            ms = time_once(c, cmd);
            if (round >= c->warm_up)
                cmd->ms[round - c->warm_up] = ms;
        }
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of N sorted values, between the two nearest where the place falls between. */
static double percentile(const double *sorted, size_t n, double p)
{
    double place = p * (double)(n - 1);
    size_t low = (size_t)place;
    double part = place - (double)low;

    return low + 1 < n ? sorted[low] + part * (sorted[low + 1] - sorted[low]) : sorted[low];
}

static void print(struct comparison *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct command *cmd = &c->command[i];

        qsort(cmd->ms, c->rounds, sizeof *cmd->ms, ascending);
        printf("%s{\"name\":\"%s\",\"rounds\":%zu,\"p10\":%.3f,\"median\":%.3f,\"p90\":%.3f}",
               i ? "," : "[", cmd->name, c->rounds, percentile(cmd->ms, c->rounds, 0.1),
               percentile(cmd->ms, c->rounds, 0.5), percentile(cmd->ms, c->rounds, 0.9));
    }
    puts("]");
}

/* The commands stand in ARGV one after the other, parted by "--"; each "--" becomes the end of a vector. */
static void take_commands(struct comparison *c, char **argv)
{
    while (*argv) {
        struct command *cmd = &c->command[c->count++];

        if (c->count > COMMANDS || !argv[1])
            fail("usage", "at most 8 of NAME PROGRAM [ARGUMENT]..., parted by --");
        *cmd = (struct command){.name = argv[0], .argv = argv + 1};
        cmd->ms = calloc(c->rounds, sizeof *cmd->ms);
        if (!cmd->ms)
            fail("memory", strerror(errno));
        while (*argv && strcmp(*argv, "--") != 0)
            argv++;
        if (*argv)
            *argv++ = NULL;
    }
}

int main(int argc, char **argv)
{
    struct comparison c = {.rounds = 100, .warm_up = 3};
    const char *input = "/dev/null";
    int opt;

    while ((opt = getopt(argc, argv, "+n:w:p:i:")) != -1) {
        if (opt == 'n')
            c.rounds = strtoul(optarg, NULL, 10);
        else if (opt == 'w')
            c.warm_up = strtoul(optarg, NULL, 10);
        else if (opt == 'p')
            c.pause_ms = strtol(optarg, NULL, 10);
        else if (opt == 'i')
            input = optarg;
        else
            return 2;
    }
    if (!c.rounds || optind == argc)
        fail("usage", "compare [-n N] [-w N] [-p MS] NAME PROGRAM [ARGUMENT]... [-- ...]...");
    take_commands(&c, argv + optind);
    posix_spawn_file_actions_init(&c.quiet);
    posix_spawn_file_actions_addopen(&c.quiet, 0, input, O_RDONLY, 0);
    for (int fd = 1; fd <= 2; fd++)
        posix_spawn_file_actions_addopen(&c.quiet, fd, "/dev/null", O_RDWR, 0);
    run(&c);
    print(&c);
    return 0;
}
