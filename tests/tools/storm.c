/* storm RUNS AT_ONCE [-k USEC] COMMAND [ARGUMENT]...: run a command RUNS times, AT_ONCE
 * in parallel; or, with -k, one after the other, each killed (SIGKILL) at a random moment in its
 * first USEC microseconds. Prints how they ended. For tests: it signals only its own children, and
 * gives them no standard input or output. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE_MAX 64

static struct {
    unsigned well, badly, killed;
} ended;

static void fail(const char *what)
{
    fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned number(const char *text, unsigned most)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (end == text || *end || n == 0 || n > most) {
        errno = EINVAL;
        fail(text);
    }
    return (unsigned)n;
}

static pid_t start(char **command)
{
    pid_t pid = fork();

    if (pid < 0)
        fail("fork");
    if (pid)
        return pid;
    for (int fd = 0; fd <= 1; fd++)
        if (dup2(open("/dev/null", O_RDWR | O_CLOEXEC), fd) < 0)
            _exit(126);
    execv(command[0], command);
    _exit(127);
}

static void take_one(void)
{
    int status;

    if (waitpid(-1, &status, 0) < 0)
        fail("waitpid");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        ended.killed++;
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        ended.well++;
    else
        ended.badly++;
}

int main(int argc, char **argv)
{
    unsigned runs = argc > 3 ? number(argv[1], 1000000) : 0, usec = 0, live = 0;
    unsigned at_once = runs ? number(argv[2], AT_ONCE_MAX) : 0;
    char **command = argv + 3;

    if (argc > 5 && strcmp(argv[3], "-k") == 0) {
        usec = number(argv[4], 1000000);
        command += 2;
    }
    if (!runs || !*command) {
        fprintf(stderr, "usage: storm RUNS AT_ONCE [-k USEC] COMMAND [ARGUMENT]...\n");
        return 1;
    }
    srandom((unsigned)time(NULL));
    for (unsigned i = 0; i < runs; i++) {
        pid_t pid = start(command);

        live++;
        if (usec) {
            nanosleep(&(struct timespec){.tv_nsec = random() % usec * 1000l}, NULL);
            kill(pid, SIGKILL); /* not reaped yet, so the pid cannot have been reused */
        }
        if (live == at_once || usec) {
            take_one();
            live--;
        }
    }
    for (; live; live--)
        take_one();
    printf("%u well, %u killed, %u badly\n", ended.well, ended.killed, ended.badly);
    return ended.badly != 0;
}
