/* What profile "files" shows a box: /bundle (a private copy of the digested bytes), scratch at
 * /tmp, and the mounts it was granted. Sources are reached without symbolic links, since whoever
 * can write below a granted directory could otherwise lead the mount anywhere (CVE-2021-30465's
 * class). */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>

#include "bundles/bundle.h"
#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#define MOUNT_FLAGS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define TARGET_MAX  4096

long source_open(const char *source)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long fd = sys4(SYS_openat2, AT_FDCWD, source, &how, sizeof how), tree;

    if (fd < 0)
        return fd;
    tree = sys3(SYS_open_tree, fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    sys1(SYS_close, fd);
    return tree;
}

long sources_enter(struct jail *j)
{
    for (size_t i = 0; i < j->plan->mount_count; i++) {
        long fd = j->plan->mounts[i].inside ? -1 : source_open(j->plan->mounts[i].source);

        if (fd < 0 && !j->plan->mounts[i].inside)
            return fd;
        j->sources[i] = (int)fd;
    }
    return 0;
}

/* Make every directory of PATH (absolute), but its last part where LAST is false. */
static long make_dirs(const char *path, bool last)
{
    char part[TARGET_MAX];
    size_t n = strnlen(path, sizeof part);
    long r = 0;

    if (n == sizeof part)
        return -ENAMETOOLONG;
    for (size_t i = 0; i <= n && r == 0; i++) {
        part[i] = path[i];
        if (i > 0 && (path[i] == '/' || (path[i] == '\0' && last))) {
            part[i] = '\0';
            r = sys2(SYS_mkdir, part, 0755);
            r = r == -EEXIST ? 0 : r;
            part[i] = path[i];
        }
    }
    return r;
}

static long write_file(const char *path, const void *bytes, size_t size)
{
    long fd = sys3(SYS_open, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444), r = 0;

    if (fd < 0)
        return fd;
    for (size_t done = 0; done < size && r >= 0; done += (size_t)(r > 0 ? r : 0))
        r = sys3(SYS_write, fd, (const char *)bytes + done, size - done);
    sys1(SYS_close, fd);
    return r < 0 ? r : 0;
}

static long bundle_copy(const struct bundle *b)
{
    char path[TARGET_MAX] = "/bundle/";
    long r = make_dirs("/bundle", true);

    for (size_t i = 0; i < b->count && r == 0; i++) {
        size_t n = strnlen(b->files[i].path, sizeof path);

        if (n >= sizeof path - sizeof "/bundle/")
            return -ENAMETOOLONG;
        memcpy(path + sizeof "/bundle/" - 1, b->files[i].path, n + 1);
        r = make_dirs(path, false);
        if (r == 0)
            r = write_file(path, b->files[i].bytes, b->files[i].size);
    }
    return r;
}

static bool is_directory(long fd)
{
    char stat_buffer[256]; /* struct statx is 256 bytes; stx_mode at 28 (statx(2)) */
    uint16_t mode;

    if (sys5(SYS_statx, fd, "", AT_EMPTY_PATH, 2 /* STATX_MODE|TYPE */ | 1, stat_buffer) < 0)
        return false;
    memcpy(&mode, stat_buffer + 28, sizeof mode);
    return (mode & 0170000) == 0040000;
}

/* Attach the detached mount FD at TARGET, made for it. */
static long attach(long fd, const struct plan_mount *m)
{
    struct mount_attr attr = {.attr_set = MOUNT_FLAGS | (m->rw ? 0 : MOUNT_ATTR_RDONLY)};
    bool dir = is_directory(fd);
    long r = make_dirs(m->target, dir);

    if (r == 0 && !dir)
        r = write_file(m->target, "", 0);
    if (r == 0)
        r = sys5(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof attr);
    return r ? r : sys5(SYS_move_mount, fd, "", AT_FDCWD, m->target, MOVE_MOUNT_F_EMPTY_PATH);
}

/* A mount from inside the bundle is a second place for its private copy. */
static long attach_inside(const struct plan_mount *m)
{
    char path[TARGET_MAX] = "/bundle/";
    size_t n = strnlen(m->source, sizeof path);
    long fd, r;

    if (n >= sizeof path - sizeof "/bundle/")
        return -ENAMETOOLONG;
    memcpy(path + sizeof "/bundle/" - 1, m->source, n + 1);
    fd = source_open(path);
    if (fd < 0)
        return fd;
    r = attach(fd, m);
    sys1(SYS_close, fd);
    return r;
}

long mounts_enter(struct jail *j)
{
    const struct plan *p = j->plan;
    long r = bundle_copy(j->bundle);

    if (r == 0 && p->scratch)
        r = make_dirs("/tmp", true);
    if (r == 0 && p->scratch)
        r = sys5(SYS_mount, "scratch", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                 j->tmpfs_scratch);
    for (size_t i = 0; i < p->mount_count && r == 0; i++)
        r = p->mounts[i].inside ? attach_inside(&p->mounts[i])
                                : attach(j->sources[i], &p->mounts[i]);
    return r;
}
