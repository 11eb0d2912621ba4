/* Landlock, one more layer behind the empty root: every right that it knows is handled, and only
 * what the plan mounts is allowed. A kernel without it has the other layers; explain and doctor say
 * so. Source: the kernel's userspace-api/landlock. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

/* Rights of ABIs newer than Debian 12's headers. */
#define FS_TRUNCATE  (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15) /* ABI 5 */
#define NET_TCP      3ull         /* ABI 4: bind and connect */
#define SCOPE_ALL    3ull         /* ABI 6: abstract sockets, signals */
#define FS_ABI1      ((1ull << 13) - 1)

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS                                                                              \
    (READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
     LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)
#define FILE_RIGHTS                                                               \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | \
     LANDLOCK_ACCESS_FS_EXECUTE)

struct ruleset { /* struct landlock_ruleset_attr of ABI 6 */
    uint64_t fs, net, scoped;
};

static uint64_t fs_rights(int abi)
{
    return FS_ABI1 | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
           (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static long allow_fd(long rules, long fd, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = (int)fd};

    return sys4(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static long allow_path(long rules, const char *path, uint64_t rights, uint64_t handled)
{
    long fd = sys4(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC | O_NOFOLLOW, 0), r;

    if (fd < 0)
        return fd;
    r = allow_fd(rules, fd, rights & handled);
    if (r == -EINVAL) /* directory rights, on a file */
        r = allow_fd(rules, fd, rights & handled & FILE_RIGHTS);
    sys1(SYS_close, fd);
    return r;
}

static long allow_files(const struct jail_child *j, long rules, uint64_t handled)
{
    long r = j->order.files ? allow_path(rules, "/bundle", READ_RIGHTS, handled) : 0;

    if (r == 0 && j->order.scratch)
        r = allow_path(rules, "/tmp", WRITE_RIGHTS, handled);
    for (size_t i = 0; r == 0 && i < j->order.mounts; i++)
        r = allow_path(rules, j->mount[i].target, j->mount[i].rw ? WRITE_RIGHTS : READ_RIGHTS,
                       handled);
    return r;
}

long landlock_enter(struct jail_child *j)
{
    int abi = j->order.landlock_abi;
    struct ruleset attr = {
        .fs = fs_rights(abi),
        .net = abi >= 4 && !j->order.tcp ? NET_TCP : 0,
        .scoped = abi >= 6 ? SCOPE_ALL : 0,
    };
    size_t size = abi >= 6 ? sizeof attr : abi >= 4 ? 16 : 8;
    long rules, r;

    if (abi < 1)
        return 0;
    rules = sys3(SYS_landlock_create_ruleset, &attr, size, 0);
    if (rules < 0)
        return rules;
    /* Allow the coming exec: of this one inode, which has no name in the box. */
    r = allow_fd(rules, JAIL_EXE, LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE);
    if (r == 0)
        r = allow_files(j, rules, attr.fs);
    if (r == 0)
        r = sys2(SYS_landlock_restrict_self, rules, 0);
    sys1(SYS_close, rules);
    return r;
}
