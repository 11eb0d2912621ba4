/* Copying a mount tree omits unbindable mounts (open_tree(2), mount_namespaces(7)): with one below
 * a source, the copy would show what it hides. The kernel refuses that to ordinary users only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/base/str.h"
#include "runtime/jail/steps.h"

#define PATH_BYTES 4096

struct mount {
    uint64_t id, parent;
    char *point; /* mount point of an unbindable one, else NULL */
};

struct mounts {
    struct mount *at;
    size_t count, room;
};

static void mounts_free(struct mounts *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->at[i].point);
    free(m->at);
}

/* "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD]... - TYPE SOURCE OPTIONS"
 * (proc_pid_mountinfo(5)). */
static int add_line(struct mounts *m, struct field line)
{
    struct field word, point = {0};
    struct mount one = {0};
    char text[PATH_BYTES];
    bool unbindable = false;

    if (!field_word(&line, &word) || field_number(word, &one.id) < 0 || !field_word(&line, &word) ||
        field_number(word, &one.parent) < 0)
        return 0;
    for (int i = 0; i < 4 && field_word(&line, &word); i++)
        if (i == 2)
            point = word;
    while (field_word(&line, &word) && !field_is(word, "-"))
        unbindable = unbindable || field_is(word, "unbindable");
    if (m->count == m->room) {
        size_t room = m->room ? 2 * m->room : 64;
        struct mount *more = reallocarray(m->at, room, sizeof *more);

        if (!more)
            return -1;
        m->at = more;
        m->room = room;
    }
    if (unbindable && field_text(point, text, sizeof text) == 0) {
        one.point = strdup(text);
        if (!one.point)
            return -1;
    }
    m->at[m->count++] = one;
    return 0;
}

static int mounts_read(struct mounts *m)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    autofree char *line = NULL;
    size_t room = 0;
    int r = f ? 0 : -1;

    while (r == 0 && getline(&line, &room, f) > 0) {
        struct field rest = field_of(line), one;

        if (field_line(&rest, &one))
            r = add_line(m, one);
    }
    if (f && ferror(f))
        r = -1;
    if (f)
        fclose(f);
    return r;
}

/* Whether M is ROOT or a descendant of it. A mount hidden by another has a different ancestor. */
static bool descends(const struct mounts *all, const struct mount *m, uint64_t root)
{
    for (size_t steps = 0; m && steps <= all->count; steps++) {
        const struct mount *parent = NULL;

        if (m->id == root)
            return true;
        for (size_t i = 0; i < all->count && !parent; i++)
            if (all->at[i].id == m->parent)
                parent = &all->at[i];
        m = parent;
    }
    return false;
}

static bool is_below(const char *path, const char *dir)
{
    size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

    return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* Get the path of the open file FD, and the id of its mount. */
static int unbindable_place_of(int fd, char path[PATH_BYTES], uint64_t *mount)
{
    char link[64];
    struct statx st;
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, PATH_BYTES - 1);
    if (n < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
        return -1;
    path[n] = '\0';
    *mount = st.stx_mnt_id;
    return 0;
}

static int fault_unbindable(const char *source, const char *point, struct fault *why)
{
    autostr struct str word = {0};

    str_add_word(&word, point);
    return fault_set(why, STATUS_SETUP, 0, source,
                     "the mount at %s is unbindable: no box can be shown it, nor what it hides "
                     "(mount --make-private %s)",
                     point, word.failed ? "..." : word.data);
}

int unbindable_check(const char *source, struct fault *why)
{
    autoclose int fd = open(source, O_PATH | O_CLOEXEC);
    struct mounts all = {0};
    char path[PATH_BYTES];
    uint64_t mount;
    int r = 0;

    if (fd < 0) /* source_open() reports why */
        return 0;
    if (unbindable_place_of(fd, path, &mount) < 0 || mounts_read(&all) < 0)
        r = fault_set(why, STATUS_SETUP, errno, source, "reading what is mounted there");
    for (size_t i = 0; i < all.count && r == 0; i++) {
        const struct mount *m = &all.at[i];

        if (!m->point || !descends(&all, m, mount))
            continue;
        if (m->id == mount || is_below(m->point, path))
            r = fault_unbindable(source, m->point, why);
    }
    mounts_free(&all);
    return r;
}
