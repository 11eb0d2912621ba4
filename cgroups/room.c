/* Finds the limit on the caller's own memory. v1 has the least of all levels in one file; v2 is
 * read level by level. */
#include "cgroups/room.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/files.h"
#include "runtime/base/fd.h"

/* Remove PATH's last component; false if it is the only one. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash || slash == path)
        return false;
    *slash = '\0';
    return true;
}

static uint64_t least_of_all(char *path)
{
    uint64_t least = UINT64_MAX, value;

    do {
        autoclose int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (dir < 0)
            break;
        if (cgroup_read(dir, "memory.max", &value) == 0 && value < least)
            least = value;
    } while (go_up(path));
    return least;
}

uint64_t cgroups_memory_room(void)
{
    struct cgroups *c = calloc(1, sizeof *c);
    uint64_t room = UINT64_MAX, value;
    struct fault why;

    if (c && cgroups_probe(c, NULL, &why) == 0) {
        char *path = c->dir[CONTROLLER_MEMORY];

        if (c->version[CONTROLLER_MEMORY] == HIERARCHY_V2) {
            room = least_of_all(path);
        } else if (c->version[CONTROLLER_MEMORY] == HIERARCHY_V1) {
            autoclose int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

            if (dir >= 0 &&
                cgroup_read_key(dir, "memory.stat", "hierarchical_memory_limit", &value) == 0)
                room = value;
        }
    }
    free(c);
    return room;
}
