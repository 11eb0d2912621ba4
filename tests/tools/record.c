/* record ARGUMENT...: stands in for runbox in tests. Execs $RECORD_PROGRAM with these arguments
 * (same pid, so signals and exit status are its own). For a run on JSON lines, both directions are
 * copied to $RECORD_DIR on the way: PID.said and PID.heard. PID.busy exists while output is being
 * copied. Changes no byte. A terminal, a device or a closed descriptor is left alone, so that a
 * full disk or a screen has its effect on runbox. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char where[3900];
static pid_t pid;

static void fail(const char *what)
{
    fprintf(stderr, "record: %s: %s\n", what, strerror(errno));
    exit(1);
}

static const char *name_of(const char *suffix)
{
    static char name[4096];

    snprintf(name, sizeof name, "%s/%d.%s", where, pid, suffix);
    return name;
}

static int make_file(const char *suffix)
{
    int fd = open(name_of(suffix), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        fail(name_of(suffix));
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    for (ssize_t wrote; n; bytes += wrote, n -= (size_t)wrote) {
        wrote = write(fd, bytes, n);
        if (wrote < 0 && errno == EINTR)
            wrote = 0;
        if (wrote < 0)
            return false;
    }
    return true;
}

static void copy(int from, int to, int file)
{
    static char bytes[65536];
    ssize_t n;

    while ((n = read(from, bytes, sizeof bytes)) > 0)
        if (!write_all(file, bytes, (size_t)n) || !write_all(to, bytes, (size_t)n))
            return;
}

/* Start a process that copies, orphaned by a double fork: runbox must have no other children. */
static void copier(int from, int to, const char *suffix)
{
    int file = make_file(suffix);
    pid_t child = fork();

    if (child < 0)
        fail("fork");
    if (child > 0) {
        close(file);
        waitpid(child, NULL, 0);
        return;
    }
    if (fork() > 0)
        _exit(0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_IGN); /* sent to the shell's whole job: runbox ends first */
    signal(SIGINT, SIG_IGN);
    dup2(from, 0);
    dup2(to, 1);
    dup2(file, 2);
    close_range(3, ~0u, 0);
    copy(0, 1, 2);
    if (strcmp(suffix, "heard") == 0)
        unlink(name_of("busy"));
    _exit(0);
}

static bool is_stream(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 &&
           (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static bool speaks(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "sandbox") == 0;

    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return false;
        else if (strcmp(argv[1], "run") == 0 && strcmp(argv[i], "--json") == 0)
            json = true;
    return json;
}

/* Replace FD by one end of a pipe, whose other end a copier has. */
static void tap(int fd, const char *suffix)
{
    int p[2];

    if (!is_stream(fd))
        return;
    if (pipe2(p, O_CLOEXEC) < 0)
        fail("pipe");
    if (fd == 0) {
        copier(0, p[1], suffix);
    } else {
        close(make_file("busy"));
        copier(p[0], 1, suffix);
    }
    dup2(p[fd], fd);
    close(p[0]);
    close(p[1]);
}

int main(int argc, char **argv)
{
    const char *program = getenv("RECORD_PROGRAM"), *to = getenv("RECORD_DIR");

    if (!program || !to) {
        errno = EINVAL;
        fail("RECORD_PROGRAM and RECORD_DIR");
    }
    snprintf(where, sizeof where, "%s", to);
    pid = getpid();
    if (speaks(argc, argv)) {
        tap(1, "heard");
        tap(0, "said");
    }
    execv(program, argv);
    fail(program);
}
