/* What a group used, and whether a process is in it. Reads only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "cgroups/group.h"
#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345", then a "full" line. */
static uint64_t waited(int dir, const char *file)
{
    char text[256];
    struct field rest, line, word, key;
    uint64_t total;

    if (dir < 0 || cgroup_read_text(dir, file, text, sizeof text) <= 0)
        return GROUP_UNLIMITED;
    rest = field_of(text);
    if (!field_key(&rest, "some", ' ', &line))
        return GROUP_UNLIMITED;
    while (field_word(&line, &word))
        if (field_until(&word, '=', &key) && field_is(key, "total") &&
            field_number(word, &total) == 0)
            return total;
    return GROUP_UNLIMITED;
}

void group_usage(const struct group *g, struct group_usage *u)
{
    int memory = g->dir[CONTROLLER_MEMORY];

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

bool group_counts_peak(const struct group *g)
{
    int memory = g->dir[CONTROLLER_MEMORY];

    return g->peak >= 0 ||
           (memory >= 0 && (faccessat(memory, "memory.peak", F_OK, 0) == 0 ||
                            faccessat(memory, "memory.max_usage_in_bytes", F_OK, 0) == 0));
}

/* Whether LINE, "ID:CONTROLLERS:PATH", is for controller NAME ("": v2) and the last component of
 * its path is GROUP. */
static bool line_is(struct field line, const char *name, const char *group)
{
    struct field id, list, part, last = {0};

    if (!field_until(&line, ':', &id) || !field_until(&line, ':', &list) ||
        !field_listed(list, ',', name))
        return false;
    while (field_until(&line, '/', &part))
        last = part;
    return field_is(last, group);
}

static bool holds(const char *text, const char *name, const char *group)
{
    struct field rest = field_of(text), line;

    while (field_line(&rest, &line))
        if (line_is(line, name, group))
            return true;
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
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        enum controller which = (enum controller)i;
        const char *name =
            c->version[i] == HIERARCHY_V2 ? "" : controller_text(which, HIERARCHY_V1);

        if (g->dir[i] >= 0 && !holds(text, name, g->name))
            return fault_set(why, STATUS_SETUP, 0, path, "the box is not in group %s of %s",
                             g->name, controller_text(which, c->version[i]));
    }
    return 0;
}
