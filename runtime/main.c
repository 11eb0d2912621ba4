/* runbox: the command table, and checks that precede every command. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/meter.h"
#include "runtime/cmd/cmd.h"
#include "runtime/state/policy.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"run", cmd_run, "run one bundle"},
    {"batch", cmd_batch, "run many jobs of bundles, JSON lines in and out"},
    {"explain", cmd_explain, "print the plan: what is asked, granted, applied"},
    {"keyring", cmd_keyring, "keep keys for scripts, and grant them to bundles"},
    {"check", cmd_check, "say what is wrong with bundles, without running them"},
    {"describe", cmd_describe, "print what a bundle takes and gives"},
    {"new", cmd_new, "write a starting bundle"},
    {"schema", cmd_schema, "print one of runbox's own JSON Schemas"},
    {"validate", cmd_validate, "check JSON documents against a JSON Schema"},
    {"sandbox", cmd_sandbox, "run a sn0int module that comes with its start line"},
    {"serve", cmd_serve, "run bundles for callers at a Unix socket"},
    {"stats", cmd_stats, "what such a server counts"},
    {"doctor", cmd_doctor, "what this host can enforce, and what to do about the rest"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static int usage(FILE *to)
{
    static const char pages[] =
        "\n'runbox COMMAND --help' says what a command takes; the pages are runbox(1),\n"
        "runbox-batch(1), runbox-check(1), runbox-describe(1), runbox-doctor(1),\n"
        "runbox-keyring(1), runbox-new(1), runbox-sandbox(1), runbox-schema(1),\n"
        "runbox-serve(1), runbox-stats(1), runbox-validate(1), runbox-manifest(5),\n"
        "runbox-policy(5), runbox-limits(7), runbox-lua(7), runbox-std(7), runbox-wire(7).\n";

    fputs("usage: runbox BUNDLE/            same as: runbox run BUNDLE/\n"
          "       runbox COMMAND [OPTION]...\n"
          "       runbox --version          what it was built with\n\nRun a script bundle that "
          "nobody has to trust.\n\n"
          "commands:\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    if (to == stdout)
        return cmd_help(pages), 0;
    fputs(pages, to);
    return status_exit(STATUS_USAGE, 0);
}

/* A closed 0, 1 or 2 would be taken by the first file that runbox opens; /dev/null holds its place.
 * A script's RUN may read and write it; for other verbs it is opened the wrong way round, so that
 * using it fails as if closed (as gnulib's stdopen does): output that nobody receives is no
 * success. */
static int hold_standard_descriptors(bool run)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int unusable = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", run ? O_RDWR : unusable) != fd)
            return -1;
    }
    return 0;
}

/* Let a write beyond RLIMIT_FSIZE fail with EFBIG and be reported, instead of SIGXFSZ killing the
 * process with half a file written. A run blocks the signal along with those that stop it. */
static int hold_file_size(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGXFSZ);
    return sigprocmask(SIG_BLOCK, &set, NULL);
}

/* As the kernel has it (SCHED_ATTR_SIZE_VER0): only some C libraries declare it. */
struct scheduling {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/* Real-time scheduling is this process's own: a monitor or a box that had it could keep a processor
 * from everybody else, and the box's RLIMIT_RTTIME would end it. Source: sched(7). */
static int hold_real_time(void)
{
    struct scheduling own = {.size = sizeof own};
    int policy = sched_getscheduler(0);

    if (policy != SCHED_FIFO && policy != SCHED_RR && policy != SCHED_DEADLINE)
        return 0;
    if (syscall(SYS_sched_getattr, 0, &own, sizeof own, 0) < 0)
        return -1;
    own.flags |= SCHED_FLAG_RESET_ON_FORK;
    /* Where a deadline cannot be kept from children (without CAP_SYS_NICE), no verb can fork, and says so. */
    return syscall(SYS_sched_setattr, 0, &own, 0) < 0 && policy != SCHED_DEADLINE ? -1 : 0;
}

/* The same for disks; but that is inherited by all, or had by none. Source: ioprio_set(2). */
static int drop_real_time_io(void)
{
    long own = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);

    if (own < 0 || IOPRIO_PRIO_CLASS((unsigned long)own) != IOPRIO_CLASS_RT)
        return 0;
    return (int)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
                        IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0));
}

/* Set-user-ID, set-group-ID or file capabilities: every caller would run with the owner's
 * privileges, and no verb is written for that. The kernel reports privileges that the caller lacks:
 * getauxval(3). */
static bool lent_privileges(void)
{
    return getauxval(AT_SECURE) || getauxval(AT_UID) != getauxval(AT_EUID) ||
           getauxval(AT_GID) != getauxval(AT_EGID);
}

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

/* getopt_long() puts argv[0] before what it says. */
static int command_run(const struct command *c, int argc, char **argv)
{
    static char name[32];

    snprintf(name, sizeof name, "runbox: %s", c->name);
    argv[0] = name;
    return c->run(argc, argv);
}

static int command_unknown(const char *name)
{
    struct fault why;

    fault_set(&why, STATUS_USAGE, 0, name,
              "no such command and no such bundle ('runbox --help' lists the commands)");
    return cmd_fault(&why);
}

/* `runbox help`, or `runbox help COMMAND`, as git has it. */
static int help_of(const char *name)
{
    const struct command *c = name ? command_named(name) : NULL;
    char option[] = "--help", *argv[] = {NULL, option, NULL};

    if (!name)
        return usage(stdout);
    return c ? command_run(c, 2, argv) : command_unknown(name);
}

static bool is_either(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    const struct command *command = command_named(first);
    bool help = is_either(first, "--help", "-h") || strcmp(first, "help") == 0;
    bool version = is_either(first, "--version", "-V");
    bool run = command ? command->run == cmd_run || command->run == cmd_sandbox : !help && !version;
    struct fault why;
    struct stat st;

    if (hold_standard_descriptors(run) < 0) {
        fault_set(&why, STATUS_SETUP, errno, "/dev/null", "opening it");
        return cmd_fault(&why);
    }
    if (lent_privileges()) {
        fault_set(&why, STATUS_SETUP, 0, "",
                  "it has more privileges than its caller (set-user-ID, set-group-ID, file "
                  "capabilities): runbox is not designed for that; remove them from the file");
        return cmd_fault(&why);
    }
    if (!run && hold_file_size() < 0) {
        fault_set(&why, STATUS_SETUP, errno, "signals", "blocking SIGXFSZ");
        return cmd_fault(&why);
    }
    if (hold_real_time() < 0 || drop_real_time_io() < 0) {
        fault_set(&why, STATUS_SETUP, errno, "scheduling", "keeping real time to itself");
        return cmd_fault(&why);
    }
    meter_policy(policy_budget);
    if (argc < 2)
        return usage(stderr);
    if (help)
        return help_of(strcmp(first, "help") == 0 ? argv[2] : NULL);
    if (version)
        return cmd_version();
    if (command)
        return command_run(command, argc - 1, argv + 1);
    if (first[0] == '-' || strchr(first, '/') || stat(first, &st) == 0)
        return command_run(command_named("run"), argc, argv);
    return command_unknown(first);
}
