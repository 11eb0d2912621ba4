/* What a box with files sees: /bundle (a private copy of the digested bytes), scratch at /tmp, and
 * the granted mounts. Sources are opened without following symbolic links: whoever can write below
 * a granted directory could otherwise lead the mount anywhere (the class of CVE-2021-30465). */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#define MOUNT_FLAGS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define TARGET_MAX  4096

/* Confine every mount of the detached TREE: private, so that later mounts on the host stay out, and
 * read-only unless RW. Stricter flags remain. */
static long tree_confine(long tree, bool rw)
{
    struct mount_attr attr = {.attr_set = MOUNT_FLAGS | (rw ? 0 : MOUNT_ATTR_RDONLY),
                              .propagation = MS_PRIVATE};

    return sys5(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr);
}

long source_open(const char *source, bool rw)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long fd = sys4(SYS_openat2, AT_FDCWD, source, &how, sizeof how), tree, r;

    if (fd < 0)
        return fd;
    /* Include the mounts below: otherwise a box would see what they hide. */
    tree = sys3(SYS_open_tree, fd, "",
                OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    sys1(SYS_close, fd);
    if (tree >= 0 && (r = tree_confine(tree, rw)) < 0 && (r != -ENOSYS || !remount_is_needed())) {
        sys1(SYS_close, tree);
        return r;
    }
    return tree;
}

long sources_enter(struct jail_child *j)
{
    for (uint32_t i = 0; i < j->order.mounts; i++) {
        long fd = j->mount[i].inside ? -1 : source_open(j->mount[i].source, j->mount[i].rw);

        if (j->mount[i].inside)
            continue;
        if (fd < 0)
            return fd;
        j->source[j->order.sources++] = (int)fd;
    }
    return 0;
}

/* Make every directory of PATH (absolute), but not its last component unless LAST. */
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
            r = sys3(SYS_mkdirat, AT_FDCWD, part, 0755);
            r = r == -EEXIST ? 0 : r;
            part[i] = path[i];
        }
    }
    return r;
}

static long mounts_write_file(const char *path, const void *bytes, size_t size)
{
    long fd = sys4(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444),
         r = 0;

    if (fd < 0)
        return fd;
    for (size_t done = 0; done < size && r >= 0; done += (size_t)(r > 0 ? r : 0))
        r = sys3(SYS_write, fd, (const char *)bytes + done, size - done);
    sys1(SYS_close, fd);
    return r < 0 ? r : 0;
}

static long bundle_copy(struct image *image)
{
    char path[TARGET_MAX] = "/bundle/";
    long r = make_dirs("/bundle", true);

    while (r == 0 && image->at < image->end) {
        struct image_file f;
        size_t n;

        r = image_file(image, &f);
        n = r == 0 ? strnlen(f.path, sizeof path) : 0;
        if (n >= sizeof path - sizeof "/bundle/")
            return -ENAMETOOLONG;
        if (r == 0) {
            memcpy(path + sizeof "/bundle/" - 1, f.path, n + 1);
            r = make_dirs(path, false);
        }
        if (r == 0)
            r = mounts_write_file(path, f.bytes, f.size);
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

/* Attach the detached mount FD at M's target, which is created. */
static long attach(const struct jail_child *j, long fd, const struct image_mount *m)
{
    bool dir = is_directory(fd);
    long r = make_dirs(m->target, dir);

    if (r == 0 && !dir)
        r = mounts_write_file(m->target, "", 0);
    if (r == 0)
        r = sys5(SYS_move_mount, fd, "", AT_FDCWD, m->target, MOVE_MOUNT_F_EMPTY_PATH);
    return r || j->proc < 0 ? r : remount_confine(j->proc, m->target, m->rw && !m->inside);
}

/* A mount from inside the bundle shows part of its private copy in a second place. */
static long attach_inside(const struct jail_child *j, const struct image_mount *m)
{
    char path[TARGET_MAX] = "/bundle/";
    size_t n = strnlen(m->source, sizeof path);
    long fd, r;

    if (n >= sizeof path - sizeof "/bundle/")
        return -ENAMETOOLONG;
    memcpy(path + sizeof "/bundle/" - 1, m->source, n + 1);
    fd = source_open(path, false);
    if (fd < 0)
        return fd;
    r = attach(j, fd, m);
    sys1(SYS_close, fd);
    return r;
}

long mounts_enter(struct jail_child *j)
{
    long r = bundle_copy(&j->image);
    uint32_t outside = 0;

    if (r == 0 && j->order.scratch)
        r = make_dirs("/tmp", true);
    if (r == 0 && j->order.scratch)
        r = sys5(SYS_mount, "scratch", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                 j->order.scratch_options);
    for (uint32_t i = 0; i < j->order.mounts && r == 0; i++) {
        if (j->mount[i].inside)
            r = attach_inside(j, &j->mount[i]);
        else
            r = outside < j->order.sources ? attach(j, j->source[outside++], &j->mount[i])
                                           : -EBADMSG;
    }
    return r;
}
