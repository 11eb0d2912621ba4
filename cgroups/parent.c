/* Checks whether a directory can be the parent of groups. Reads only; group.c makes the groups. */
#include "cgroups/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "runtime/base/fd.h"

int parent_path(char *dir, const char *point, struct field path, char *reason, size_t size)
{
    bool climbs = field_listed(path, '/', "..");

    while (path.n && path.at[path.n - 1] == '/')
        path.n--;
    dir[0] = '\0';
    if (!climbs && path.n <= CGROUP_PATH_MAX &&
        snprintf(dir, CGROUP_PATH_MAX, "%s%.*s", point, (int)path.n, path.at) < CGROUP_PATH_MAX)
        return 0;
    snprintf(reason, size, "%.*s%s", path.n < 128 ? (int)path.n : 128, path.at,
             climbs ? ": a path with \"..\" cannot name a group here"
                    : "...: the path is too long");
    dir[0] = '\0';
    return -1;
}

/* A v2 group that is threaded, or inside a threaded subtree, cannot have domain children. */
static int check_type(int fd, const char *dir, struct fault *why)
{
    char text[64];
    struct field rest, type;

    if (cgroup_read_text(fd, "cgroup.type", text, sizeof text) < 0)
        return 1; /* the root, or v1 */
    rest = field_of(text);
    if (field_line(&rest, &type) && field_is(type, "domain"))
        return 1;
    return fault_set(
        why, STATUS_SETUP, 0, dir,
        "its cgroup.type is \"%.*s\": groups for boxes need a parent of type \"domain\"",
        (int)strcspn(text, "\n"), text);
}

int parent_check(const char *dir, char *reason, size_t size, struct fault *why)
{
    autoclose int fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct statfs fs;

    if (fd < 0 && errno == ENOENT) {
        snprintf(reason, size, "%.256s does not exist", dir);
        return 0;
    }
    if (fd < 0)
        return fault_set(why, STATUS_SETUP, errno, dir, "cannot be used as the parent of groups");
    if (fstatfs(fd, &fs) < 0 || ((unsigned long)fs.f_type != CGROUP_SUPER_MAGIC &&
                                 (unsigned long)fs.f_type != CGROUP2_SUPER_MAGIC))
        return fault_set(why, STATUS_SETUP, 0, dir, "not a cgroup directory");
    if (faccessat(fd, ".", W_OK, AT_EACCESS) < 0 ||
        faccessat(fd, "cgroup.procs", W_OK, AT_EACCESS) < 0)
        return fault_set(why, STATUS_SETUP, errno, dir, "runbox cannot make groups in it");
    return check_type(fd, dir, why);
}

const char *parent_cure(enum hierarchy v, int err)
{
    if (err == EROFS)
        return "it is mounted read-only: mount it for writing (mount -o remount,rw), or have the "
               "container's runtime do so";
    if (!geteuid())
        return "a security module, or another user namespace that it belongs to, denies it to root";
    return v == HIERARCHY_V1
               ? "run it as root, or in a group given to this user (cgconfigparser -l runbox.conf; "
                 "runbox-doctor(1))"
               : "run it as root, or below a delegated one (systemd-run --user --scope -p "
                 "Delegate=yes)";
}
