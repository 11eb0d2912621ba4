/* runbox-cgroups: reports what libcgroup knows about this host to `runbox doctor`, one line per
 * controller (see cgroups/admin.h). A separate program, so that no run maps libcgroup, which takes
 * 0.8 to 1 ms to start and would pull getpwnam() and NSS into a static program. Makes and removes
 * one group below each of its own groups; never moves a process, and never touches a group that it
 * did not make. */
#include <errno.h>
#include <libcgroup.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PATH_SIZE 4096

struct controller {
    const char *name;       /* in cgroup v2 */
    const char *in_v1;      /* in cgroup v1 */
    const char *known_as;   /* whichever of the two is mounted */
    char mount[PATH_SIZE];  /* "" if not mounted */
    char path[PATH_SIZE];   /* this process's group below .mount */
    char result[PATH_SIZE]; /* "made", or why no group could be made */
    int version;            /* 0 if not mounted */
};

static int admin_failed(struct controller *c, const char *doing, const char *why)
{
    snprintf(c->result, sizeof c->result, "%s: %s", doing, why);
    return -1;
}

/* For a failed system call, libcgroup returns ECGOTHER and keeps the errno. */
static const char *error_text(int error)
{
    return error == ECGOTHER ? strerror(cgroup_get_last_errno()) : cgroup_strerror(error);
}

static int find_mount(struct controller *c)
{
    const char *const names[] = {c->name, c->in_v1};

    for (int i = 0; i < 2 && !c->version; i++) {
        char *mount = NULL;
        struct statfs fs;

        if (cgroup_get_subsys_mount_point(names[i], &mount) == 0 && statfs(mount, &fs) == 0) {
            c->version = fs.f_type == CGROUP2_SUPER_MAGIC ? 2 : 1;
            c->known_as = names[i];
            snprintf(c->mount, sizeof c->mount, "%s", mount);
        }
        free(mount);
    }
    return c->version ? 0 : admin_failed(c, "mount", "no mounted hierarchy has it");
}

/* libcgroup looks for controller names, which the v2 line in /proc/self/cgroup does not have. */
static int find_path_v2(struct controller *c)
{
    FILE *f = fopen("/proc/self/cgroup", "re");
    char line[PATH_SIZE];
    int found = -1;

    while (f && found < 0 && fgets(line, sizeof line, f)) {
        char *end = strchr(line, '\n');

        if (end && strncmp(line, "0::", 3) == 0) {
            *end = '\0';
            snprintf(c->path, sizeof c->path, "%s", line + 3);
            found = 0;
        }
    }
    if (f)
        fclose(f);
    return found < 0 ? admin_failed(c, "/proc/self/cgroup", "has no line for cgroup v2") : 0;
}

static int find_path(struct controller *c)
{
    char *path = NULL;
    int error;

    if (c->version == 2)
        return find_path_v2(c);
    error = cgroup_get_current_controller_path(getpid(), c->known_as, &path);
    if (error)
        return admin_failed(c, "own group", error_text(error));
    snprintf(c->path, sizeof c->path, "%s", path);
    free(path);
    return 0;
}

/* To make a v2 group, libcgroup writes every ancestor's cgroup.subtree_control, so a mere check
 * would change the host: use a plain mkdir(2) there. */
static int admin_make(struct controller *c, const char *name, const char *full)
{
    struct cgroup *group;
    int error = ECGFAIL;

    if (c->version == 2)
        return mkdir(full, 0755) < 0 ? admin_failed(c, "mkdir", strerror(errno)) : 0;
    group = cgroup_new_cgroup(name);
    if (group && cgroup_add_controller(group, c->known_as))
        error = cgroup_create_cgroup(group, 1);
    cgroup_free(&group);
    return error ? admin_failed(c, "mkdir", error_text(error)) : 0;
}

/* The group's name is one that the next run sweeps, should this process be killed in between; a
 * sweep may come first. rmdir(2), since libcgroup's delete moves processes out of a busy group. */
static void try_group(struct controller *c)
{
    char name[PATH_SIZE], full[2 * PATH_SIZE];
    const char *path = strcmp(c->path, "/") == 0 ? "" : c->path;

    if (snprintf(name, sizeof name, "%s/runbox.%d.doctor", path, getpid()) >= (int)sizeof name) {
        admin_failed(c, "mkdir", strerror(ENAMETOOLONG));
        return;
    }
    snprintf(full, sizeof full, "%s%s", c->mount, name);
    if (admin_make(c, name, full) < 0)
        return;
    if (rmdir(full) < 0 && errno != ENOENT)
        admin_failed(c, "rmdir", strerror(errno));
    else
        snprintf(c->result, sizeof c->result, "made");
}

/* libcgroup logs to stdout, since 3.0 also every error that this program asks about anyway. */
static void say_nothing(void *data, int level, const char *format, va_list values)
{
    (void)data, (void)level, (void)format, (void)values;
}

int main(void)
{
    static struct controller controllers[] = {
        {.name = "memory", .in_v1 = "memory"},
        {.name = "pids", .in_v1 = "pids"},
        {.name = "cpu", .in_v1 = "cpu"},
        {.name = "io", .in_v1 = "blkio"},
    };
    int error;

    cgroup_set_logger(say_nothing, CGROUP_LOG_ERROR, NULL);
    error = cgroup_init();

    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
        struct controller *c = &controllers[i];

        /* Not mounted at all is a result, not a failure. */
        if (error && error != ECGROUPNOTMOUNTED)
            admin_failed(c, "libcgroup", error_text(error));
        else if (find_mount(c) == 0 && find_path(c) == 0)
            try_group(c);
        printf("%s\t%d\t%s\t%s\t%s\n", c->name, c->version, c->mount, c->path, c->result);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
