/* Lists a bundle's tree with getdents64(2): one open and few calls per directory; d_type already
 * tells files from the rest. Names, depth and counts are untrusted and bounded; a work list
 * replaces recursion. */
#include "bundles/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/json/utf8.h"

#define ENTRY_STEPS 20 /* of the meter, for each directory entry */

int tree_fault(const char *name, const char *path, int err, const char *what, struct fault *why)
{
    size_t n = path_length(name);
    /* EPERM: of no file that may only be read; a seccomp filter around runbox refuses the call. */
    bool host = err == ENOMEM || err == EMFILE || err == ENFILE || err == EIO || err == ENOSYS ||
                err == EPERM;
    char where[sizeof why->where * 2];

    snprintf(where, sizeof where, "%.*s%s%s", (int)n, name,
             *path && !(n == 1 && *name == '/') ? "/" : "", path);
    return fault_set(why, host ? STATUS_SETUP : STATUS_INVALID, err, where, "%s", what);
}

int tree_count(const char *name, const char *path, struct meter *m, uint64_t steps, uint64_t bytes,
               struct fault *why)
{
    if (meter_steps(m, steps) && meter_bytes(m, bytes))
        return 0;
    if (m->spent == METER_STOPPED)
        return fault_set(why, STATUS_CANCELLED, 0, name, "stopped while reading it");
    return tree_fault(name, path, 0, meter_why(m), why);
}

int tree_open(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

void tree_free(struct tree *t)
{
    free(t->files);
    free(t->dirs);
}

static int tree_full(struct tree *t, const char *path, const char *what, struct fault *why)
{
    return tree_fault(t->name, path, 0, what, why);
}

static int add_file(struct tree *t, const char *path, struct fault *why)
{
    if (t->count == BUNDLE_FILES_MAX)
        return tree_full(t, "", "more than 1024 files in one bundle", why);
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 4 : 16;
        struct bundle_file *files = reallocarray(t->files, cap, sizeof *files);

        if (!files)
            return tree_fault(t->name, path, ENOMEM, "listing it", why);
        t->files = files;
        t->cap = cap;
    }
    t->files[t->count++] = (struct bundle_file){.path = path};
    return 0;
}

static int add_dir(struct tree *t, char *path, struct fault *why)
{
    if (t->dir_count == BUNDLE_FILES_MAX)
        return tree_full(t, "", "more than 1024 directories in one bundle", why);
    if (t->dir_count == t->dir_cap) {
        size_t cap = t->dir_cap ? t->dir_cap * 4 : 16;
        char **dirs = reallocarray(t->dirs, cap, sizeof *dirs);

        if (!dirs)
            return tree_fault(t->name, path, ENOMEM, "listing it", why);
        t->dirs = dirs;
        t->dir_cap = cap;
    }
    t->dirs[t->dir_count++] = path;
    return 0;
}

/* Some file systems do not report d_type. */
static unsigned char ask_type(int dir, const char *name)
{
    struct stat st;

    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? DT_UNKNOWN
                                                            : (unsigned char)IFTODT(st.st_mode);
}

static const char *not_a_file(unsigned char type)
{
    switch (type) {
    case DT_LNK:
        return "a symbolic link: a bundle holds regular files only (copy what it points to)";
    case DT_FIFO:
        return "a FIFO: a bundle holds regular files only";
    case DT_SOCK:
        return "a socket: a bundle holds regular files only";
    case DT_CHR:
    case DT_BLK:
        return "a device: a bundle holds regular files only";
    default:
        return "neither a file nor a directory: a bundle holds regular files only";
    }
}

/* DIR/NAME, allocated from T's chunks. NULL if out of memory. */
static char *join(struct tree *t, const char *dir, const char *name)
{
    size_t n = strlen(dir), m = strlen(name), slash = n > 0;
    char *path = chunk_take(t->chunks, n + slash + m + 1);

    if (!path)
        return NULL;
    memcpy(path, dir, n);
    if (slash)
        path[n] = '/';
    memcpy(path + n + slash, name, m + 1);
    return path;
}

static unsigned depth_of(const char *path)
{
    unsigned depth = 1;

    while ((path = strchr(path, '/')) != NULL) {
        depth++;
        path++;
    }
    return depth;
}

static int add_entry(struct tree *t, int fd, const char *dir, const char *name, unsigned char type,
                     struct fault *why)
{
    char *path;

    if (++t->entries > BUNDLE_ENTRIES_MAX)
        return tree_full(t, dir, "too many directory entries for one bundle", why);
    if (name[0] == '.')
        return 0;
    if (tree_count(t->name, dir, t->meter, ENTRY_STEPS, strlen(dir) + strlen(name), why) < 0)
        return -1;
    path = join(t, dir, name);
    if (!path)
        return tree_fault(t->name, dir, ENOMEM, "listing it", why);
    if (!utf8_printable(name, strlen(name)))
        return tree_full(t, path, "its name is not UTF-8 or contains control characters", why);
    if (depth_of(path) > BUNDLE_DEPTH_MAX)
        return tree_full(t, path, "more than 16 directories deep", why);
    if (type == DT_UNKNOWN)
        type = ask_type(fd, name);
    if (type == DT_REG)
        return add_file(t, path, why);
    if (type == DT_DIR)
        return add_dir(t, path, why);
    return tree_full(t, path, not_a_file(type), why);
}

/* List one directory, not those below it. */
static int list_dir(struct tree *t, int fd, const char *dir, struct fault *why)
{
    _Alignas(struct dirent64) char buffer[4096];
    ssize_t n;

    while ((n = getdents64(fd, buffer, sizeof buffer)) > 0) {
        for (ssize_t at = 0; at < n;) {
            struct dirent64 *entry = (struct dirent64 *)(void *)(buffer + at);

            if (add_entry(t, fd, dir, entry->d_name, entry->d_type, why) < 0)
                return -1;
            at += entry->d_reclen;
        }
    }
    return n < 0 ? tree_fault(t->name, dir, errno, "listing it", why) : 0;
}

int tree_list(struct tree *t, struct fault *why)
{
    if (list_dir(t, t->root, "", why) < 0)
        return -1;
    while (t->dirs_read < t->dir_count) {
        const char *dir = t->dirs[t->dirs_read++];
        autoclose int fd = tree_open(t->root, dir, O_DIRECTORY);

        if (fd < 0)
            return tree_fault(t->name, dir, errno, "opening it", why);
        if (list_dir(t, fd, dir, why) < 0)
            return -1;
    }
    return 0;
}
