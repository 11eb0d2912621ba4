/* Paths in /proc/self/cgroup begin at the root of the cgroup namespace, a mount at the group that it
 * was made of. In a container they differ, and a group made in the wrong place is outside of every
 * limit that its caller has. */
#include "cgroups/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroups/cgroups.h"
#include "cgroups/parent.h"
#include "runtime/base/fd.h"

#define FIRST_NAMESPACE 0xeffffffbu /* PROC_CGROUP_INIT_INO: <linux/proc_ns.h> of the kernel */

#define HIERARCHY_ROOT 1u /* the inode number of a hierarchy's root: kernfs numbers from there */

#define ANEW ": mount it anew in this cgroup namespace, or start runbox outside it"

static bool has_inode(const char *path, ino_t number)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_ino == number;
}

bool place_is_namespaced(void)
{
    struct stat st;

    return stat("/proc/self/ns/cgroup", &st) == 0 && st.st_ino != FIRST_NAMESPACE;
}

/* The number that mountinfo has for the mount at POINT; "": this kernel does not say (Linux 5.8 does);
 * "-": POINT is inside a mount, by a symbolic link. */
static void mount_id(const char *point, char *id, size_t size)
{
    struct statx st;

    snprintf(id, size, "%s", "");
    if (statx(AT_FDCWD, point, 0, STATX_MNT_ID, &st) < 0 || !(st.stx_mask & STATX_MNT_ID))
        return;
    if (st.stx_attributes_mask & ~st.stx_attributes & STATX_ATTR_MOUNT_ROOT)
        snprintf(id, size, "-");
    else
        snprintf(id, size, "%llu", (unsigned long long)st.stx_mnt_id);
}

/* "ID PARENT MAJOR:MINOR ROOT POINT ...": the root of the mount that is seen at POINT: 0, or -1. Not
 * looked up by name, unless nothing else is known: POINT may be a symbolic link (cpu -> cpu,cpuacct). */
static int root_of(const char *point, char *root, size_t size)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    autofree char *line = NULL;
    size_t room = 0;
    int found = -1;
    char id[24];

    mount_id(point, id, sizeof id);
    while (f && getline(&line, &room, f) > 0) {
        struct field rest = field_of(line), word[5] = {{0}};

        for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
            field_word(&rest, &word[i]);
        if (id[0] ? field_is(word[0], id) : field_is(word[4], point))
            found = field_text(word[3], root, size);
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
    if (has_inode("/proc/self/ns/cgroup", FIRST_NAMESPACE) && has_inode(point, HIERARCHY_ROOT))
        return 0; /* nothing to map, as on most hosts */
    rest = dir + strlen(point);
    if (root_of(point, root, sizeof root) < 0) {
        snprintf(reason, size,
                 "%.128s: which part of the hierarchy it is cannot be seen in "
                 "/proc/self/mountinfo" ANEW,
                 point);
        dir[0] = '\0';
        return -1;
    }
    above = below(rest, root);
    if (above < 0) {
        snprintf(reason, size,
                 field_listed(field_of(root), '/', "..")
                     ? "%.128s is mounted from above runbox's cgroup namespace: its own group "
                       "cannot be found in it" ANEW
                     : "%.128s does not hold runbox's own group" ANEW,
                 point);
        dir[0] = '\0';
        return -1;
    }
    memmove(rest, rest + above, strlen(rest + above) + 1);
    return 0;
}
