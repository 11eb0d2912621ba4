/* Paths in /proc/self/cgroup begin at the root of the cgroup namespace, a mount at the group that it
 * was made of. In a container they differ, and a group made in the wrong place is outside of every
 * limit that its caller has. */
#include "cgroups/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/parent.h"
#include "runtime/base/fd.h"

#define FIRST_NAMESPACE 0xeffffffbu /* PROC_CGROUP_INIT_INO: <linux/proc_ns.h> of the kernel */

static bool in_first_namespace(void)
{
    struct stat st;

    return stat("/proc/self/ns/cgroup", &st) == 0 && st.st_ino == FIRST_NAMESPACE;
}

/* "ID PARENT MAJOR:MINOR ROOT POINT ...": the root of the topmost mount at POINT: 0, or -1. */
static int root_of(const char *point, char *root, size_t size)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    autofree char *line = NULL;
    size_t room = 0;
    int found = -1;

    while (f && getline(&line, &room, f) > 0) {
        struct field rest = field_of(line), word, from = {0}, at = {0};

        for (int i = 0; i < 5 && field_word(&rest, &word); i++) {
            from = at;
            at = word;
        }
        if (field_is(at, point) && field_text(from, root, size) == 0)
            found = 0;
    }
    if (f)
        fclose(f);
    return found;
}

/* How many bytes of PATH are ROOT, or -1: it is not below that. */
static int below(const char *path, const char *root)
{
    size_t n = strlen(root);

    if (field_listed(field_of(root), '/', ".."))
        return -1;
    if (strcmp(root, "/") == 0)
        return 0;
    return strncmp(path, root, n) == 0 && (path[n] == '/' || !path[n]) ? (int)n : -1;
}

int place_find(char *dir, const char *point, struct field path, char *reason, size_t size)
{
    char root[CGROUP_PATH_MAX], *rest;
    int above;

    if (parent_path(dir, point, path, reason, size) < 0)
        return -1;
    if (in_first_namespace() && access(dir, F_OK) == 0)
        return 0;
    rest = dir + strlen(point);
    if (root_of(point, root, sizeof root) < 0) {
        snprintf(reason, size,
                 "%.128s: which part of the hierarchy it is cannot be seen in "
                 "/proc/self/mountinfo",
                 point);
        dir[0] = '\0';
        return -1;
    }
    above = below(rest, root);
    if (above < 0) {
        snprintf(reason, size,
                 field_listed(field_of(root), '/', "..")
                     ? "%.128s is mounted from above runbox's cgroup namespace: its own group "
                       "cannot be found in it"
                     : "%.128s does not hold runbox's own group",
                 point);
        dir[0] = '\0';
        return -1;
    }
    memmove(rest, rest + above, strlen(rest + above) + 1);
    return 0;
}
