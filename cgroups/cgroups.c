/* Resolving controllers: /proc/self/cgroup names this process's group in each hierarchy, and the
 * mount point comes from the usual place or, failing that, from /proc/self/mountinfo. Reads only.
 */
#include "cgroups/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroups/unified.h"
#include "runtime/base/fd.h"

static const char *const names[CGROUP__COUNT][2] = {
    [CGROUP_MEMORY] = {"memory", "memory"},
    [CGROUP_PIDS] = {"pids", "pids"},
    [CGROUP_CPU] = {"cpu", "cpu"},
    [CGROUP_IO] = {"blkio", "io"},
};

const char *cgroup_controller_text(enum cgroup_controller c, enum cgroup_version v)
{
    return names[c][v == CGROUP_V2];
}

/* Whether the comma-separated LIST (N bytes) holds WORD. */
static bool listed(const char *list, size_t n, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list, *end = list + n; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        size_t item = (size_t)((comma ? comma : end) - at);

        if (item == len && memcmp(at, word, len) == 0)
            return true;
        at += item + 1;
    }
    return false;
}

/* The mount point of the v1 hierarchy that holds CONTROLLER, from /proc/self/mountinfo: field 5 is
 * the mount point, the last field the super options. Only mounts of a hierarchy's own root count:
 * of a bind mount of some subtree the paths in /proc/self/cgroup would not lead anywhere. */
static int mount_of(const char *controller, char *out, size_t size)
{
    char line[4096], root[1024], point[1024];
    FILE *f = fopen("/proc/self/mountinfo", "re");
    int found = -1;

    while (f && found < 0 && fgets(line, sizeof line, f)) {
        char *dash = strstr(line, " - cgroup "), *options = dash ? strrchr(dash, ' ') : NULL;

        if (!dash || sscanf(line, "%*s %*s %*s %1023s %1023s", root, point) != 2)
            continue;
        options[strcspn(options, "\n")] = '\0';
        if (strcmp(root, "/") == 0 && listed(options + 1, strlen(options + 1), controller) &&
            strlen(point) < size) {
            strcpy(out, point);
            found = 0;
        }
    }
    if (f)
        fclose(f);
    return found;
}

static bool is_type(const char *dir, unsigned long magic)
{
    struct statfs fs;

    return statfs(dir, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

bool cgroups_unified(void)
{
    return is_type("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC);
}

/* The controller's own group of this process, where a group may be made below it. */
static void resolve_v1(struct cgroups *c, enum cgroup_controller which, const char *path, size_t n)
{
    const char *name = cgroup_controller_text(which, CGROUP_V1);
    char point[CGROUP_PATH_MAX];
    int len;

    snprintf(point, sizeof point, "/sys/fs/cgroup/%s", name);
    if (!is_type(point, CGROUP_SUPER_MAGIC) && mount_of(name, point, sizeof point) < 0)
        return;
    if (n == 1)
        n = 0; /* "/": the mount point itself */
    len = snprintf(c->dir[which], sizeof c->dir[which], "%s%.*s", point, (int)n, path);
    if (len >= (int)sizeof c->dir[which])
        return;
    if (faccessat(AT_FDCWD, c->dir[which], W_OK, AT_EACCESS) < 0) {
        snprintf(c->why[which], sizeof c->why[which],
                 "cgroup v1: runbox may not make a group in its own of the %s hierarchy", name);
        return;
    }
    c->version[which] = CGROUP_V1;
    c->why[which][0] = '\0';
}

static void resolve_v2(struct cgroups *c, const char *path, size_t n, bool given)
{
    static const char *const points[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
        if (is_type(points[i], CGROUP2_SUPER_MAGIC)) {
            unified_resolve(c, points[i], path, n, given);
            return;
        }
}

/* One line of /proc/self/cgroup, "ID:CONTROLLERS:PATH"; v2's has no controllers. */
static void take_line(struct cgroups *c, const char *line, size_t n, const char *parent)
{
    const char *list = memchr(line, ':', n), *end = line + n;
    const char *path = list ? memchr(list + 1, ':', (size_t)(end - list - 1)) : NULL;
    size_t listed_bytes, bytes;

    if (!path)
        return;
    listed_bytes = (size_t)(path - ++list);
    path++;
    bytes = parent ? strlen(parent) : (size_t)(end - path);
    if (!parent)
        parent = path;
    for (int i = 0; i < CGROUP__COUNT; i++)
        if (listed(list, listed_bytes, names[i][0]))
            resolve_v1(c, (enum cgroup_controller)i, parent, bytes);
    if (listed_bytes == 0)
        resolve_v2(c, parent, bytes, parent != path);
}

/* v2's line comes last in the file, so that it fills what v1 does not have. */
int cgroups_probe(struct cgroups *c, const char *parent, struct fault *why)
{
    autoclose int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    char text[8192];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    memset(c->version, 0, sizeof c->version);
    for (int i = 0; i < CGROUP__COUNT; i++)
        snprintf(c->why[i], sizeof c->why[i], "the controller is not mounted");
    if (n < 0)
        return fault_set(why, STATUS_SETUP, errno, "/proc/self/cgroup", "cannot be read");
    text[n] = '\0';
    for (const char *line = text; *line; line += *line == '\n') {
        size_t len = strcspn(line, "\n");

        take_line(c, line, len, parent);
        line += len;
    }
    return 0;
}
