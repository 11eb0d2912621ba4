/* A root with nothing of the host's in it: a small tmpfs; the host's whole tree is detached. */
#include <sched.h>
#include <sys/mount.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#define ROOT_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* The tmpfs is mounted over /proc because it needs a mount point until pivot_root(2) makes it the
 * root, and every host that can write id maps has that one. Then "." on "." (pivot_root(2),
 * "pivot_root(".", ".")") stacks the old root on the new one, and a lazy unmount removes it. */
long root_enter(struct jail_child *j)
{
    bool empty = !j->order.files;
    long r = sys5(SYS_mount, "none", "/", NULL, MS_REC | MS_PRIVATE, NULL);

    if (r == 0)
        r = sys5(SYS_mount, "root", "/proc", "tmpfs", ROOT_FLAGS | (empty ? MS_RDONLY : 0),
                 empty ? "size=4k,nr_inodes=2,mode=555" : j->order.root_options);
    if (r == 0)
        r = sys1(SYS_chdir, "/proc");
    if (r == 0)
        r = sys2(SYS_pivot_root, ".", ".");
    if (r == 0)
        r = sys2(SYS_umount2, ".", MNT_DETACH);
    return r ? r : sys1(SYS_chdir, "/");
}

long root_seal(struct jail_child *j)
{
    (void)j;
    return sys5(SYS_mount, NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | ROOT_FLAGS, NULL);
}
