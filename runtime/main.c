/* runbox: the command table, nothing else. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/cmd/cmd.h"

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
    fputs("usage: runbox BUNDLE/            same as: runbox run BUNDLE/\n"
          "       runbox COMMAND [OPTION]...\n\nRun a script bundle that nobody has to trust.\n\n"
          "commands:\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\n'runbox COMMAND --help' says what a command takes; the pages are runbox(1),\n"
          "runbox-batch(1), runbox-doctor(1), runbox-keyring(1), runbox-manifest(5), "
          "runbox-policy(5),\n"
          "runbox-sandbox(1), runbox-serve(1), runbox-stats(1), runbox-lua(7), runbox-wire(7).\n",
          to);
    return to == stdout ? 0 : 2;
}

/* A closed 0, 1 or 2 would be given to the first file that runbox opens. */
static void standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    close(fd);
}

/* Set-user-ID, set-group-ID or file capabilities: every caller would run with what its owner may do, and no
 * verb was written for that. The kernel says so where it gave more than the caller had (getauxval(3)). */
static bool lent_privileges(void)
{
    return getauxval(AT_SECURE) || getauxval(AT_UID) != getauxval(AT_EUID) ||
           getauxval(AT_GID) != getauxval(AT_EGID);
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;
    struct stat st;

    if (fcntl(STDIN_FILENO, F_GETFD) < 0 || fcntl(STDOUT_FILENO, F_GETFD) < 0 ||
        fcntl(STDERR_FILENO, F_GETFD) < 0)
        standard_descriptors();
    if (lent_privileges()) {
        fputs("runbox: it has more rights than who started it (set-user-ID, set-group-ID, file "
              "capabilities): not made for that; take them from the file\n",
              stderr);
        return 125;
    }
    if (!first)
        return usage(stderr);
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0)
        return usage(stdout);
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0)
        return puts("runbox " RUNBOX_VERSION) < 0;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(first, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (first[0] == '-' || strchr(first, '/') || stat(first, &st) == 0)
        return cmd_run(argc, argv);
    fprintf(stderr,
            "runbox: %s: no such command and no such bundle ('runbox --help' lists the commands)\n",
            first);
    return 2;
}
