/* All 16 resource limits; none stays as the caller had it. */
#include <sys/resource.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

_Static_assert((int)RLIM_CPU == (int)RLIMIT_CPU && (int)RLIM_NOFILE == (int)RLIMIT_NOFILE &&
                   (int)RLIM_AS == (int)RLIMIT_AS && (int)RLIM_RTTIME == (int)RLIMIT_RTTIME,
               "rlimits.def is in the kernel's order");
_Static_assert((int)RLIM__COUNT == (int)RLIM_NLIMITS, "rlimits.def has every one");

long rlimits_enter(struct jail_child *j)
{
    for (int i = 0; i < RLIM__COUNT; i++) {
        /* struct rlimit64 of prlimit64(2): two 64-bit words, all ones for no limit. */
        uint64_t value[2] = {j->order.rlimits[i].soft, j->order.rlimits[i].hard};
        long r = sys4(SYS_prlimit64, 0, i, value, NULL);

        if (r < 0)
            return r;
    }
    return 0;
}
