/* group_sweep(): what is locked is somebody's, what is not is nobody's, also while several processes make,
 * remove and sweep at once. Real groups, below one that this test makes in its own. Needs root. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/group.h"
#include "tests/unit/tap.h"

#define ROUNDS 300

static struct cgroups here;
static const struct group_limits limits = {
    .use = {[CONTROLLER_MEMORY] = true, [CONTROLLER_PIDS] = true},
    .memory = 16 << 20,
    .pids = 4,
    .cpu_milli = GROUP_UNLIMITED,
    .io_read = GROUP_UNLIMITED,
    .io_write = GROUP_UNLIMITED,
};

static bool nest(void)
{
    static const enum controller used[] = {CONTROLLER_MEMORY, CONTROLLER_PIDS};
    struct fault why;

    if (cgroups_probe(&here, NULL, &why) < 0)
        return false;
    here.version[CONTROLLER_CPU] = here.version[CONTROLLER_IO] = HIERARCHY_NONE;
    for (int i = 0; i < 2; i++) {
        char *dir = here.dir[used[i]];
        size_t len = strlen(dir);

        snprintf(dir + len, sizeof here.dir[0] - len, "/runbox-unit-%d", getpid());
        if (here.version[used[i]] == HIERARCHY_NONE || (mkdir(dir, 0755) < 0 && errno != EEXIST))
            return false;
    }
    return true;
}

static unsigned count(enum controller c)
{
    struct stat st;

    return stat(here.dir[c], &st) < 0 ? 0 : (unsigned)st.st_nlink - 2;
}

/* A child that owns a group with a process in it, and says so by a byte; both live until killed. */
static pid_t owner(pid_t *inside)
{
    int pair[2];
    pid_t pid;

    if (pipe(pair) < 0 || (pid = fork()) < 0)
        return -1;
    if (pid == 0) {
        struct fault why;
        struct group g;
        pid_t box = group_create(&g, &here, &limits, &why) == 0 ? fork() : -1;

        /* As the child of a monitor: it has joined, and shares no lock with its parent. */
        if (box == 0) {
            cgroup_write_text(g.dir[CONTROLLER_MEMORY], "cgroup.procs", "0");
            for (unsigned i = 0; i < g.places; i++)
                close(g.place[i].dir);
            box = getpid();
            _exit(write(pair[1], &box, sizeof box) < 0 || pause());
        }
        for (;;)
            pause();
    }
    close(pair[1]);
    if (read(pair[0], inside, sizeof *inside) != sizeof *inside)
        *inside = -1;
    close(pair[0]);
    return pid;
}

static void owners(void)
{
    pid_t inside = -1, pid = owner(&inside);
    int status = 0;

    if (!ok(pid > 0 && inside > 0 && count(CONTROLLER_MEMORY) == 1, "somebody has a group")) {
        if (pid > 0) /* -1 would be every process */
            kill(pid, SIGKILL);
        return;
    }
    for (int i = 0; i < 10; i++)
        group_sweep(&here, &GROUP_INIT);
    ok(count(CONTROLLER_MEMORY) == 1 && kill(inside, 0) == 0, "ten sweeps do not touch it");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    group_sweep(&here, &GROUP_INIT);
    ok(count(CONTROLLER_MEMORY) == 0 && count(CONTROLLER_PIDS) == 0,
       "its owner killed: one sweep takes all of it, the process that was inside too");
    kill(inside, SIGTERM); /* so that one that was forgotten ends too, otherwise */
    ok(waitpid(inside, &status, 0) == inside && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
       "that process was killed");
}

/* Only names that runbox makes. */
static void strangers(void)
{
    char path[CGROUP_PATH_MAX + 32];

    snprintf(path, sizeof path, "%s/runboxer", here.dir[CONTROLLER_PIDS]);
    ok(mkdir(path, 0755) == 0, "another's group");
    group_sweep(&here, &GROUP_INIT);
    ok(rmdir(path) == 0, "is still there after a sweep");
}

/* Make, look, remove, as often as a batch would: 0 where every group was there for as long as its owner
 * wanted it. */
static int busy_owner(bool sweeps)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct fault why = {0};
        struct group g;

        if (group_create(&g, &here, &limits, &why) < 0) {
            printf("# round %d: making: %s: %s\n", i, why.where, why.what);
            fflush(stdout);
            return 1;
        }
        if (sweeps)
            group_sweep(&here, &GROUP_INIT);
        if (group_verify(&g, &limits, &why) < 0) {
            printf("# round %d: swept while it lived: %s: %s\n", i, why.where, why.what);
            fflush(stdout);
            return 2;
        }
        if (group_remove(&g, &why) < 0)
            return 3;
    }
    return 0;
}

static void at_once(void)
{
    pid_t pids[4];
    int bad = 0;

    fflush(stdout);
    for (int i = 0; i < 4; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(busy_owner(true));
    }
    for (int i = 0; i < 4; i++) {
        int status;

        waitpid(pids[i], &status, 0);
        bad += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    ok(bad == 0, "four owners make %d groups each and sweep all the time: %d of them lost one",
       ROUNDS, bad);
    ok(count(CONTROLLER_MEMORY) == 0 && count(CONTROLLER_PIDS) == 0, "nothing is left");
}

int main(void)
{
    if (!ok(nest(), "groups can be made here"))
        return done();
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* to see how an orphan ends */
    owners();
    strangers();
    at_once();
    ok(rmdir(here.dir[CONTROLLER_MEMORY]) == 0, "the test's own group goes");
    rmdir(here.dir[CONTROLLER_PIDS]);
    return done();
}
