/* Capabilities: drop all but those granted from all five sets, then lock the ways by which they
 * come back (set-user-ID root, ambient raises, later execs). */
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#define LOCKED_BITS                                                                          \
    (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                         \
     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | \
     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static long bounding_drop(uint64_t keep)
{
    for (long cap = 0;; cap++) {
        long r = keep >> cap & 1 ? 0 : sys2(SYS_prctl, PR_CAPBSET_DROP, cap);

        if (r == -EINVAL && cap > 0)
            return 0; /* past the last one that this kernel knows */
        if (r < 0 || cap == 63)
            return r;
    }
}

/* Granted capabilities cross the exec in the ambient set, which requires them to be inheritable. */
static long ambient_raise(uint64_t keep)
{
    for (long cap = 0; cap < 64; cap++) {
        long r =
            keep >> cap & 1 ? sys5(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static long sets_write(uint64_t effective, uint64_t inheritable)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)effective, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(effective >> 32), (uint32_t)(inheritable >> 32)},
    };

    return sys2(SYS_capset, &head, data);
}

long caps_enter(struct jail_child *j)
{
    uint64_t keep = j->order.capabilities;
    long r = sys5(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

    if (r == 0)
        r = bounding_drop(keep);
    /* Keep CAP_SETPCAP until the securebits, which need it, are written. */
    if (r == 0)
        r = sets_write(keep | 1ull << CAP_SETPCAP, keep);
    if (r == 0)
        r = ambient_raise(keep);
    if (r == 0)
        r = sys2(SYS_prctl, PR_SET_SECUREBITS, LOCKED_BITS);
    if (r == 0)
        r = sets_write(keep, keep);
    return r ? r : sys5(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
