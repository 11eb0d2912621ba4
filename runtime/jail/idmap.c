/* Id maps of the box's user namespace and of the mounts that it may write. */
#include "runtime/jail/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/pidfd.h"
#include "runtime/jail/diagnosis.h"

/* Namespaces get dynamic inode numbers, lowest free first, from PROC_DYNAMIC_FIRST on (kernel:
 * fs/proc/generic.c). No two live ones share a number, in whatever pid namespace and container. */
#define NAMESPACES_FROM 0xf0000000u

int idmap_of(const struct plan *p, int pid, int pidfd, struct idmap *map, struct fault *why)
{
    ino_t its;

    *map = (struct idmap){p->uid_outside, p->gid_outside};
    if (!p->own_ids)
        return 0;
    its = pidfd_namespace(pidfd, pid, PIDFD_USER);
    if (!its)
        return fault_set(why, STATUS_SETUP, errno, "box",
                         "reading the number of its user namespace");
    if (its < NAMESPACES_FROM || its - NAMESPACES_FROM >= BOX_IDS)
        return fault_set(why, STATUS_SETUP, 0, "box",
                         "its user namespace %llu is beyond the %u that box ids are made of",
                         (unsigned long long)its, BOX_IDS);
    map->uid = map->gid = p->uid_base + (uint32_t)(its - NAMESPACES_FROM);
    return 0;
}

static int write_proc(int pid, const char *file, const char *text, struct fault *why)
{
    char path[64];
    autoclose int fd = -1;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, text, strlen(text)) >= 0)
        return 0;
    fault_set(why, STATUS_SETUP, errno, path, "writing \"%s\"", text);
    return diagnosis_add(why, "id map");
}

static int map_one(int pid, const char *file, uint32_t inside, uint32_t outside, struct fault *why)
{
    char text[64];

    snprintf(text, sizeof text, "%u %u 1", inside, outside);
    return write_proc(pid, file, text, why);
}

int idmap_write(const struct plan *p, int pid, const struct idmap *map, struct fault *why)
{
    if ((!p->own_ids && write_proc(pid, "setgroups", "deny", why) < 0) ||
        map_one(pid, "uid_map", p->uid_inside, map->uid, why) < 0)
        return -1;
    return map_one(pid, "gid_map", p->gid_inside, map->gid, why);
}

/* Make a user namespace with these maps: held by a process while they are written, then by the
 * descriptor returned. */
static int namespace_of(const struct stat *owner, uint32_t uid, uint32_t gid, struct fault *why)
{
    char path[64];
    autoclose int pidfd = -1;
    pid_t monitor = getpid(), in_proc;
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    int fd = -1;

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (getppid() == monitor) /* else it died before prctl(2): nothing would end this */
            pause();
        _exit(0);
    }
    if (pid < 0)
        return fault_set(why, STATUS_SETUP, errno, "mounts",
                         "creating a user namespace for idmapped mounts");
    pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    in_proc = pidfd_in_proc(pidfd, pid);
    snprintf(path, sizeof path, "/proc/%d/ns/user", in_proc);
    if (map_one(in_proc, "uid_map", owner->st_uid, uid, why) == 0 &&
        map_one(in_proc, "gid_map", owner->st_gid, gid, why) == 0) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            fault_set(why, STATUS_SETUP, errno, path, "opening");
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return fd;
}

static int map_source(int source, const char *name, uint32_t uid, uint32_t gid, struct fault *why)
{
    struct stat st;
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};
    autoclose int ns = -1;

    if (fstat(source, &st) < 0)
        return fault_set(why, STATUS_SETUP, errno, name, "reading the owner of the mount's source");
    ns = namespace_of(&st, uid, gid, why);
    if (ns < 0)
        return -1;
    attr.userns_fd = (unsigned)ns;
    if (mount_setattr(source, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
        return fault_set(
            why, STATUS_SETUP, errno, name,
            errno == ENOSYS
                ? "before Linux 5.12 the box cannot be given an owner of its own there "
                  "(idmapped mounts): mount it \"ro\", or run as an ordinary user"
                : "this file system cannot give the box an owner of its own (idmapped mounts); "
                  "mount it \"ro\", or from ext4, xfs, btrfs, or tmpfs since Linux 6.3");
    return 0;
}

int idmap_sources(const struct jail *j, const struct plan *p, const struct idmap *map,
                  struct fault *why)
{
    unsigned outside = 0;

    for (size_t i = 0; i < p->mount_count && outside < j->sources; i++) {
        int source = p->mounts[i].inside ? -1 : j->source[outside++];

        if (source >= 0 && p->mounts[i].rw &&
            map_source(source, p->mounts[i].source, map->uid, map->gid, why) < 0)
            return -1;
    }
    return 0;
}
