/* What mount_setattr(2) does to a tree of mounts, on kernels that do not have it (before Linux 5.12):
 * one remount for each, found in the child's mountinfo, and read back from there. Trusts no path below
 * a granted directory: whoever writes there may move what is on it meanwhile. One that leads elsewhere
 * is not followed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#define NOSYMFOLLOW 256 /* MS_NOSYMFOLLOW, Linux 5.10: kept where it is */

struct mounted {
    uint64_t id;
    char at[4096], options[256];
};

bool remount_is_needed(void)
{
    return sys5(SYS_mount_setattr, -1, "", 0, NULL, 0) == -ENOSYS;
}

static bool has_option(const struct mounted *m, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = m->options; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == n && memcmp(at, name, n) == 0)
            return true;
    return false;
}

static bool is_confined(const struct mounted *m, bool rw)
{
    return has_option(m, "nosuid") && has_option(m, "nodev") && has_option(m, "noexec") &&
           (rw || has_option(m, "ro"));
}

/* M itself, or -ESTALE: its path leads elsewhere by now, or another covers it. */
static long mounted_open(const struct mounted *m)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
    long fd = sys4(SYS_openat2, AT_FDCWD, m->at, &how, sizeof how);
    struct statx st;

    if (fd < 0)
        return fd == -ELOOP || fd == -ENOENT || fd == -ENOTDIR ? -ESTALE : fd;
    /* The number is the kernel's own: the file system, which may be a user's (FUSE), is not asked. */
    if (statx((int)fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &st) == 0 &&
        st.stx_mask & STATX_MNT_ID && st.stx_mnt_id == m->id)
        return fd;
    sys1(SYS_close, fd);
    return -ESTALE;
}

/* mount(2) takes no descriptor, but its name in PROC, which is reached as the current directory. */
static long remount_one(int proc, const struct mounted *m, bool rw)
{
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC;
    long fd = mounted_open(m), r, back;
    char name[32];

    if (fd < 0)
        return fd;
    if (!rw || has_option(m, "ro"))
        flags |= MS_RDONLY;
    if (has_option(m, "nosymfollow"))
        flags |= NOSYMFOLLOW;
    snprintf(name, sizeof name, "self/fd/%ld", fd);
    r = sys1(SYS_fchdir, proc);
    if (r == 0)
        r = sys5(SYS_mount, NULL, name, NULL, flags, NULL);
    back = sys1(SYS_chdir, "/");
    sys1(SYS_close, fd);
    return r ? r : back;
}

static bool is_below(const char *path, const char *top)
{
    size_t n = strlen(top);

    return strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* Remount what is not confined at TARGET and below; with CHECK, only say whether there is any. */
static long remount_pass(int proc, const char *target, bool rw, bool check)
{
    int fd = openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
    autofree char *line = NULL;
    struct mounted m;
    size_t room = 0;
    long r = f ? 0 : -errno;
    bool met = false;

    while (r == 0 && getline(&line, &room, f) > 0) {
        struct field rest = field_of(line), word[6] = {{0}};

        for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
            field_word(&rest, &word[i]);
        if (field_number(word[0], &m.id) < 0 || field_text(word[4], m.at, sizeof m.at) < 0 ||
            field_text(word[5], m.options, sizeof m.options) < 0)
            r = -EBADMSG;
        met = met || (r == 0 && strcmp(m.at, target) == 0);
        if (r == 0 && is_below(m.at, target) && !is_confined(&m, rw))
            r = check ? -ESTALE : remount_one(proc, &m, rw);
    }
    if (r == 0 && (ferror(f) || !met)) /* what was not seen was not confined */
        r = ferror(f) ? -EIO : -ESTALE;
    if (f)
        fclose(f);
    return r;
}

long remount_confine(int proc, const char *target, bool rw)
{
    long r = sys5(SYS_mount, NULL, target, NULL, MS_REC | MS_PRIVATE, NULL);

    if (r == 0)
        r = remount_pass(proc, target, rw, false);
    return r ? r : remount_pass(proc, target, rw, true);
}
