/* A root with nothing of the host's in it: a small tmpfs; the host's whole tree is detached. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#define ROOT_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* The kernel calls what is executed by its descriptor "/dev/fd/N". Before Linux 6.12 the security module
 * TOMOYO looks that up, and without such a name there is no exec. Source:
 * security/tomoyo/domain.c, tomoyo_find_next_domain(). */
static long root_name_exec(struct jail_child *j)
{
    long r = exe_place(j);
    char path[24];

    snprintf(path, sizeof path, "/dev/fd/%ld", r);
    for (const char *const *at = (const char *const[]){"/dev", "/dev/fd", path, NULL};
         *at && r >= 0; at++)
        r = sys3(SYS_mkdirat, AT_FDCWD, *at, 0555);
    return r < 0 || j->order.files ? r : root_seal(j);
}

/* The tmpfs is mounted over /proc because it needs a mount point until pivot_root(2) makes it the
 * root, and every host that can write id maps has that one. Then "." on "." (pivot_root(2),
 * "pivot_root(".", ".")") stacks the old root on the new one, and a lazy unmount removes it. */
long root_enter(struct jail_child *j)
{
    bool empty = !j->order.files, named = j->order.exec_name;
    long r = sys5(SYS_mount, "none", "/", NULL, MS_REC | MS_PRIVATE, NULL);

    if (r == 0 && j->order.mounts && remount_is_needed())
        r = sys4(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (r > 0) {
        j->proc = (int)r;
        r = 0;
    }
    if (r == 0)
        r = sys5(SYS_mount, "root", "/proc", "tmpfs",
                 ROOT_FLAGS | (empty && !named ? MS_RDONLY : 0),
                 !empty  ? j->order.root_options
                 : named ? "size=4k,nr_inodes=5,mode=555"
                         : "size=4k,nr_inodes=2,mode=555");
    if (r == 0)
        r = sys1(SYS_chdir, "/proc");
    if (r == 0)
        r = sys2(SYS_pivot_root, ".", ".");
    if (r == 0)
        r = sys2(SYS_umount2, ".", MNT_DETACH);
    if (r == 0)
        r = sys1(SYS_chdir, "/");
    return r == 0 && named ? root_name_exec(j) : r;
}

long root_seal(struct jail_child *j)
{
    (void)j;
    return sys5(SYS_mount, NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | ROOT_FLAGS, NULL);
}
