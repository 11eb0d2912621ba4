/* cgroups/group.c, limits.c and remove.c against the kernel: real groups, below one that this test makes in
 * its own group and removes. Needs root, and the memory and pids controllers. */
#include "cgroups/group.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "tests/unit/tap.h"

static struct cgroups own, here; /* this process's groups, and the test's below them */
static const struct group_limits limits = {
    .use = {[CONTROLLER_MEMORY] = true, [CONTROLLER_PIDS] = true, [CONTROLLER_CPU] = true},
    .memory = 16 << 20,
    .pids = 4,
    .cpu_milli = 250,
    .io_read = GROUP_UNLIMITED,
    .io_write = GROUP_UNLIMITED,
};

static bool nest(void)
{
    struct fault why;

    if (cgroups_probe(&own, NULL, &why) < 0)
        return false;
    here = own;
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        size_t len = strlen(here.dir[i]);

        snprintf(here.dir[i] + len, sizeof here.dir[i] - len, "/runbox-unit-%d", getpid());
        if (own.version[i] != HIERARCHY_NONE && mkdir(here.dir[i], 0755) < 0 && errno != EEXIST)
            return false;
    }
    return own.version[CONTROLLER_MEMORY] != HIERARCHY_NONE &&
           own.version[CONTROLLER_PIDS] != HIERARCHY_NONE;
}

static bool unnest(void)
{
    bool all = true;

    for (int i = 0; i < CONTROLLER__COUNT; i++)
        if (own.version[i] != HIERARCHY_NONE && rmdir(here.dir[i]) < 0 && errno != ENOENT)
            all = false;
    return all;
}

/* How many groups there are below the test's own of controller C. */
static unsigned count(enum controller c)
{
    struct stat st;

    return stat(here.dir[c], &st) < 0 ? 0 : (unsigned)st.st_nlink - 2;
}

static pid_t member(const struct group *g)
{
    int dir = g->dir[CONTROLLER_MEMORY];
    char text[16];
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    snprintf(text, sizeof text, "%d", pid);
    ok(pid > 0 && cgroup_write_text(dir, "cgroup.procs", text) == 0, "a process is put inside");
    return pid;
}

/* Each file that holds a limit, changed behind runbox's back. */
static void tampered(void)
{
    static const struct {
        enum controller controller;
        const char *file[2], *text, *says; /* v1's and v2's name */
    } cases[] = {
        {CONTROLLER_MEMORY,
         {"memory.limit_in_bytes", "memory.max"},
         "8388608",
         "8388608 instead of 16777216"},
        {CONTROLLER_MEMORY,
         {"memory.memsw.limit_in_bytes", "memory.swap.max"},
         "33554432",
         "33554432 instead of"},
        {CONTROLLER_PIDS, {"pids.max", "pids.max"}, "5", "5 instead of 4"},
        {CONTROLLER_PIDS, {"pids.max", "pids.max"}, "max", "18446744073709551615 instead of 4"},
        {CONTROLLER_CPU, {"cpu.cfs_quota_us", "cpu.max"}, "50000", "50000 instead of 25000"},
    };
    struct fault why;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum controller c = cases[i].controller;
        const char *file = cases[i].file[here.version[c] == HIERARCHY_V2];
        struct group g;

        why = (struct fault){0};
        if (!ok(group_create(&g, &here, &limits, &why) == 0, "made: %s", why.what))
            continue;
        ok(group_verify(&g, &limits, &why) == 0, "verified: what was written is what is there");
        ok(cgroup_write_text(g.dir[c], file, cases[i].text) == 0, "%s changed to %s", file,
           cases[i].text);
        ok(group_verify(&g, &limits, &why) < 0 && strcmp(why.where, file) == 0 &&
               strstr(why.what, cases[i].says),
           "no longer verified: %s: %s", why.where, why.what);
        ok(group_remove(&g, &why) == 0, "removed");
    }
}

/* A page is the kernel's unit, downwards; anything else that differs is a difference. */
static void rounded(void)
{
    struct group_limits odd = limits;
    struct fault why;
    struct group g;

    odd.memory = (16 << 20) + 4095;
    ok(group_create(&g, &here, &odd, &why) == 0 && group_verify(&g, &odd, &why) == 0,
       "a limit that the kernel rounds down to a page");
    odd.memory++;
    ok(group_verify(&g, &odd, &why) < 0, "a whole page less is a difference");
    group_remove(&g, &why);
}

/* Made before it is known what is wanted. */
static void guessed(void)
{
    const bool guess[CONTROLLER__COUNT] = {[CONTROLLER_MEMORY] = true, [CONTROLLER_PIDS] = true};
    /* v2 has one group for all: it fits. */
    int unfit = here.version[CONTROLLER_MEMORY] == HIERARCHY_V1;
    struct group_limits other = limits;
    struct fault why = {0};
    struct group g;

    ok(group_begin(&g, &here, limits.use, &why) == 0, "begun as wanted: %s", why.what);
    ok(group_limit(&g, &limits, &why) == 0 && group_verify(&g, &limits, &why) == 0,
       "and given its limits: %s", why.what);
    group_remove(&g, &why);
    for (int i = 0; i < CONTROLLER__COUNT; i++)
        other.use[i] = i == CONTROLLER_MEMORY;
    ok(group_begin(&g, &here, guess, &why) == 0 && group_limit(&g, &other, &why) == unfit,
       "more than is wanted does not fit");
    group_remove(&g, &why);
    ok(group_begin(&g, &here, other.use, &why) == 0, "one controller alone");
    other.use[CONTROLLER_PIDS] = true;
    ok(group_limit(&g, &other, &why) == unfit && (unfit || group_verify(&g, &other, &why) == 0),
       "does not fit where two are wanted");
    ok(group_remove(&g, &why) == 0 && count(CONTROLLER_MEMORY) == 0, "and goes as it came");
}

static void busy(void)
{
    struct fault why = {0};
    struct group g;
    pid_t pid;
    int status = 0;

    group_create(&g, &here, &limits, &why);
    pid = member(&g);
    ok(group_remove(&g, &why) == 0 && count(CONTROLLER_MEMORY) == 0,
       "a group with a process in it goes: %s", why.what);
    if (pid > 0)            /* -1 would be every process */
        kill(pid, SIGTERM); /* so that one that was forgotten ends too, otherwise */
    waitpid(pid, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the process was killed first");
}

static void holds(void)
{
    struct fault why = {0};
    struct group g;
    pid_t pid;

    group_create(&g, &here, &limits, &why);
    pid = member(&g);
    ok(group_holds(&g, &here, getpid(), &why) < 0, "this process is in none of them");
    ok(group_holds(&g, &here, pid, &why) < 0 || here.version[CONTROLLER_PIDS] == HIERARCHY_V2,
       "one that is in one of them is not in all: %s", why.what);
    group_remove(&g, &why);
    waitpid(pid, NULL, 0);
}

/* A leftover of a process that had our pid has the name that we would take. */
static void collisions(void)
{
    struct fault why = {0};
    struct group g;
    char path[CGROUP_PATH_MAX + 64];
    unsigned serial = 0;

    group_create(&g, &here, &limits, &why);
    sscanf(strrchr(g.name, '.'), ".%u", &serial);
    group_remove(&g, &why);
    for (unsigned next = serial + 1; next <= serial + 3; next++) {
        snprintf(path, sizeof path, "%s/runbox.%d.%u", here.dir[CONTROLLER_PIDS], getpid(), next);
        ok(mkdir(path, 0755) == 0, "%s is there", strrchr(path, '/') + 1);
    }
    ok(group_create(&g, &here, &limits, &why) == 0, "another name is taken: %s", g.name);
    ok(count(CONTROLLER_MEMORY) == 1 || here.version[CONTROLLER_MEMORY] == HIERARCHY_V2,
       "what was made under the names that were taken is gone again");
    ok(group_remove(&g, &why) == 0 && count(CONTROLLER_PIDS) == 3,
       "the other's groups are not touched");
    ok(group_create(&g, &here, &limits, &why) == 0, "one of its own");
    group_sweep(&here, &g);
    ok(count(CONTROLLER_PIDS) == 1, "they stay until they are swept, which that one is not");
    group_remove(&g, &why);
}

int main(void)
{
    struct fault why;
    struct group g;

    if (!ok(nest(), "groups can be made here"))
        return done();
    tampered();
    rounded();
    guessed();
    busy();
    holds();
    collisions();
    snprintf(here.dir[CONTROLLER_PIDS], 16, "/nonexistent");
    here.version[CONTROLLER_PIDS] = HIERARCHY_V1; /* also where all are in one hierarchy */
    why = (struct fault){0};
    ok(group_create(&g, &here, &limits, &why) < 0 && count(CONTROLLER_MEMORY) == 0,
       "where one controller fails nothing is left of the others: %s", why.what);
    nest();
    ok(unnest(), "nothing is left");
    return done();
}
