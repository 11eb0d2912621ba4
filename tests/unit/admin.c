/* cgroups/admin.h: reading the answer of runbox-cgroups, and /proc/cgroups. */
#include <stdio.h>
#include <string.h>

#include "cgroups/admin.h"
#include "tests/unit/tap.h"

#define PIDS "pids\t2\t/sys/fs/cgroup\t/a b\tmkdir: Permission denied\n"
#define CPU  "cpu\t0\t\t\tmount: no hierarchy that is mounted has it\n"
#define IO   "io\t1\t/sys/fs/cgroup/blkio\t/\tmade\n"
#define REST PIDS CPU IO

static int parse(const char *answer, struct admin *a)
{
    struct fault why = {0};
    char text[4096];
    int r;

    snprintf(text, sizeof text, "%s", answer);
    r = admin_parse(text, a, &why);
    if (r < 0 && (why.status != STATUS_SETUP || !why.what[0]))
        ok(false, "a fault says what is wrong with: %s", answer);
    return r;
}

static void check_right(void)
{
    const struct admin_controller *c;
    struct admin a;

    ok(parse("memory\t1\t/sys/fs/cgroup/memory\t/x\tmade\n" REST, &a) == 0, "a right answer");
    c = a.controller;
    ok(c[CONTROLLER_MEMORY].version == HIERARCHY_V1 && c[CONTROLLER_MEMORY].made,
       "version 1, made");
    ok(strcmp(c[CONTROLLER_MEMORY].mount, "/sys/fs/cgroup/memory") == 0 &&
           strcmp(c[CONTROLLER_MEMORY].path, "/x") == 0 && !c[CONTROLLER_MEMORY].why[0],
       "its mount and path");
    ok(c[CONTROLLER_PIDS].version == HIERARCHY_V2 && !c[CONTROLLER_PIDS].made,
       "version 2, not made");
    ok(strcmp(c[CONTROLLER_PIDS].path, "/a b") == 0, "a blank in a path");
    ok(strcmp(c[CONTROLLER_PIDS].why, "mkdir: Permission denied") == 0, "why not");
    ok(c[CONTROLLER_CPU].version == HIERARCHY_NONE && !c[CONTROLLER_CPU].mount[0], "not mounted");
}

static void check_wrong(void)
{
    static const char *const wrong[] = {
        "",
        REST,
        "memory\t1\t/m\t/\tmade\n" REST "memory\t1\t/m\t/\tmade\n",
        "memory\t1\t/m\t/\n" REST,
        "memory\t1\t/m\t/\tmade\tmore\n" REST,
        "memory\t3\t/m\t/\tmade\n" REST,
        "memory\t11\t/m\t/\tmade\n" REST,
        "memory\t\t/m\t/\tmade\n" REST,
        "blkio\t1\t/m\t/\tmade\n" REST,
        "sh: not found\n",
    };
    char text[2048] = "memory\t1\t/";
    struct admin a;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(parse(wrong[i], &a) < 0, "wrong answer %zu", i + 1);
    memset(text + strlen(text), 'x', ADMIN_TEXT_MAX);
    strcat(text, "\t/\tmade\n" REST);
    ok(parse(text, &a) < 0, "a path that does not fit is no path");
}

static void check_kernel(void)
{
    static const char text[] = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
                               "cpuset\t3\t1\t1\n"
                               "cpu\t0\t1\t1\n"
                               "blkio\t0\t67\t1\n"
                               "memory\t0\t67\t0\n";

    ok(admin_in_kernel(text, CONTROLLER_CPU) == 1, "cpu is not cpuset");
    ok(admin_in_kernel(text, CONTROLLER_IO) == 1, "io is called blkio");
    ok(admin_in_kernel(text, CONTROLLER_MEMORY) == 0, "disabled at boot");
    ok(admin_in_kernel(text, CONTROLLER_PIDS) == -1, "not built in");
    ok(admin_in_kernel("", CONTROLLER_CPU) == -1, "an empty file");
    ok(admin_in_kernel("cpu\t0", CONTROLLER_CPU) == -1, "a line cut short");
}

static void check_asking(void)
{
    struct fault why = {0};
    struct admin a;

    ok(admin_ask("/nowhere/runbox-cgroups", &a, &why) < 0 && why.err == 2, "no such program");
    ok(admin_ask("/bin/false", &a, &why) < 0 && strstr(why.what, "status 1"), "it failed");
    ok(admin_ask("/bin/true", &a, &why) < 0 && strstr(why.what, "0 lines"), "it said nothing");
    ok(admin_ask("/usr/bin/yes", &a, &why) < 0, "it never stops talking");
}

int main(void)
{
    check_right();
    check_wrong();
    check_kernel();
    check_asking();
    return done();
}
