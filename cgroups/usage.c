/* What a group used, and who is in it: reading only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/group.h"
#include "runtime/base/fd.h"

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345" is the first line. */
static uint64_t waited(int dir, const char *file)
{
    char text[256], *total;

    if (dir < 0 || cgroup_read_text(dir, file, text, sizeof text) <= 0)
        return GROUP_UNLIMITED;
    total = strstr(text, "total=");
    return total ? strtoull(total + 6, NULL, 10) : GROUP_UNLIMITED;
}

void group_usage(const struct group *g, struct group_usage *u)
{
    int memory = g->dir[CGROUP_MEMORY];

    *u = (struct group_usage){
        .waited_cpu = waited(group_birthplace(g), "cpu.pressure"),
        .waited_memory = waited(group_birthplace(g), "memory.pressure"),
        .waited_io = waited(group_birthplace(g), "io.pressure"),
    };
    if (memory >= 0) {
        if (cgroup_read_again(g->peak, &u->memory_peak) < 0 &&
            cgroup_read(memory, "memory.max_usage_in_bytes", &u->memory_peak) < 0)
            cgroup_read(memory, "memory.peak", &u->memory_peak); /* v2, Linux 5.19 */
    }
}

uint64_t group_oom_kills(const struct group *g)
{
    int memory = g->dir[CGROUP_MEMORY];
    uint64_t kills = 0;

    if (memory >= 0 && cgroup_read_key(memory, "memory.oom_control", "oom_kill", &kills) < 0)
        cgroup_read_key(memory, "memory.events", "oom_kill", &kills);
    return kills;
}

/* Whether LINE, "ID:CONTROLLERS:PATH" (N bytes), is of controller NAME (v2: no controllers at all) and
 * its path ends with "/GROUP". */
static bool line_is(const char *line, size_t n, const char *name, const char *group)
{
    const char *list = memchr(line, ':', n);
    size_t tail = strlen(group), len = strlen(name);

    if (!list || n <= tail || line[n - tail - 1] != '/' ||
        memcmp(line + n - tail, group, tail) != 0)
        return false;
    for (const char *at = list + 1;; at++) {
        const char *end = at + strcspn(at, ",:");

        if ((size_t)(end - at) == len && memcmp(at, name, len) == 0)
            return true;
        if (*end != ',')
            return false;
        at = end;
    }
}

static bool holds(const char *text, const char *name, const char *group)
{
    for (const char *line = text; *line; line += *line == '\n') {
        size_t n = strcspn(line, "\n");

        if (line_is(line, n, name, group))
            return true;
        line += n;
    }
    return false;
}

int group_holds(const struct group *g, const struct cgroups *c, int pid, struct fault *why)
{
    char path[64], text[8192];
    ssize_t n;
    autoclose int fd = -1;

    snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "cannot be read");
    text[n] = '\0';
    for (int i = 0; i < CGROUP__COUNT; i++) {
        enum cgroup_controller which = (enum cgroup_controller)i;
        const char *name =
            c->version[i] == CGROUP_V2 ? "" : cgroup_controller_text(which, CGROUP_V1);

        if (g->dir[i] >= 0 && !holds(text, name, g->name))
            return fault_set(why, STATUS_SETUP, 0, path, "the box is not in group %s of %s",
                             g->name, cgroup_controller_text(which, c->version[i]));
    }
    return 0;
}
