/* Each mount below a granted directory is remounted itself, and never what its path leads to by now: whoever may write
 * there could else have another one made writable. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/jail/steps.h"
#include "tests/unit/tap.h"

#define CONFINED (ST_NOSUID | ST_NODEV | ST_NOEXEC)

/* What is mounted: DATA, which was granted, in it A/SUB, as it comes; and FIXED/SUB, read-only. */
static char top[] = "/tmp/remount.XXXXXX";

static const char *at(const char *name)
{
    static char path[4][256];
    static unsigned i;
    char *to = path[i++ % 4];

    snprintf(to, sizeof path[0], "%s/%s", top, name);
    return to;
}

static unsigned long flags_of(const char *name)
{
    struct statvfs st;

    return statvfs(at(name), &st) < 0 ? 0 : st.f_flag;
}

static int mounted(const char *name, unsigned long flags)
{
    if (mkdir(at(name), 0755) < 0 && errno != EEXIST)
        return -1;
    return mount("none", at(name), "tmpfs", flags, NULL);
}

static bool writes(const char *file, const char *text)
{
    autoclose int fd = open(file, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Namespaces in which to mount; root needs but one. */
static bool apart(void)
{
    char users[32], groups[32];

    if (geteuid() == 0)
        return unshare(CLONE_NEWNS) == 0;
    snprintf(users, sizeof users, "0 %u 1", geteuid());
    snprintf(groups, sizeof groups, "0 %u 1", getegid());
    return unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0 && writes("/proc/self/setgroups", "deny") &&
           writes("/proc/self/uid_map", users) && writes("/proc/self/gid_map", groups);
}

static bool prepare(void)
{
    return mkdtemp(top) && apart() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mounted("", 0) == 0 && mounted("data", MS_NOSUID | MS_NODEV | MS_NOEXEC) == 0 &&
           mkdir(at("data/a"), 0755) == 0 && mounted("data/a/sub", 0) == 0 &&
           mkdir(at("fixed"), 0755) == 0 && mounted("fixed/sub", 0) == 0 &&
           mount(NULL, at("fixed/sub"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0;
}

/* /proc as it was before somebody put a link, or another mount, on the way to A/SUB. */
static int earlier(void)
{
    autoclose int real = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    static char text[1 << 18];
    ssize_t n = 0, got;
    int fd;

    while (real >= 0 && (got = read(real, text + n, sizeof text - (size_t)n)) > 0)
        n += got;
    mkdir(at("proc"), 0755);
    mkdir(at("proc/self"), 0755);
    fd = open(at("proc/self/mountinfo"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, (size_t)n) != n || close(fd) < 0 ||
        symlink("/proc/self/fd", at("proc/self/fd")) < 0)
        return -1;
    return open(at("proc"), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void moved(int before)
{
    ok(rename(at("data/a"), at("data/b")) == 0 && symlink(at("fixed"), at("data/a")) == 0 &&
           flags_of("data/a/sub") & ST_RDONLY,
       "a link on the way leads to another mount");
    ok(remount_confine(before, at("data"), true) == -ESTALE, "... which is seen");
    ok(flags_of("fixed/sub") & ST_RDONLY, "... and that one is as it was");
}

static void covered(int before)
{
    ok(unlink(at("data/a")) == 0 && rename(at("data/b"), at("data/a")) == 0 &&
           mount(at("fixed/sub"), at("data/a/sub"), NULL, MS_BIND, NULL) == 0 &&
           mount(NULL, at("data/a/sub"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0 &&
           flags_of("data/a/sub") & ST_RDONLY,
       "another mount covers it");
    ok(remount_confine(before, at("data"), true) == -ESTALE, "... which is seen");
    ok(flags_of("data/a/sub") & ST_RDONLY, "... and that one is as it was");
    ok(umount(at("data/a/sub")) == 0, "... and is taken away");
}

int main(void)
{
    autoclose int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    autoclose int before = -1;
    char where[256] = "";

    if (!ok(prepare() && chdir("/") == 0 && (before = earlier()) >= 0, "mounts of its own"))
        return done();
    moved(before);
    covered(before);
    ok(remount_confine(proc, at("data"), true) == 0 &&
           (flags_of("data/a/sub") & (CONFINED | ST_RDONLY)) == CONFINED,
       "what may be written is confined");
    ok(remount_confine(proc, at("data"), false) == 0 &&
           (flags_of("data/a/sub") & (CONFINED | ST_RDONLY)) == (CONFINED | ST_RDONLY) &&
           flags_of("data") & ST_RDONLY,
       "what may be read is read-only");
    ok(getcwd(where, sizeof where) && strcmp(where, "/") == 0, "and it is in its root");
    umount2(top, MNT_DETACH);
    rmdir(top);
    return done();
}
