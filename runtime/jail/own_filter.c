/* One filter, and how many there are. Trusts the kernel's count, and asks for it only where this
 * process began with a filter: reading it costs as much as loading one. */
#include "runtime/jail/own_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/plan/filter.h"

#define STATUS_BYTES 8192

static bool loaded, first; /* the one that was loaded is the only one */

/* Not under ASan: its LeakSanitizer traces the process that it looks at. */
int own_filter_load(struct fault *why)
{
#ifdef __SANITIZE_ADDRESS__
    (void)why;
    return 0;
#else
    bool none = prctl(PR_GET_SECCOMP) == 0;
    uint32_t count;
    const struct sock_filter *code = filter_broker(&count);
    const struct sock_fprog program = {(unsigned short)count,
                                       (struct sock_filter *)(uintptr_t)code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
        fault_set(why, STATUS_SETUP, errno, "broker", "loading its seccomp filter");
        return diagnosis_add(why, "seccomp filter");
    }
    loaded = true;
    first = none;
    return 0;
#endif
}

bool own_filter_inherited(void)
{
    return loaded ? !first : prctl(PR_GET_SECCOMP) > 0;
}

static int count_all(uint64_t *count, struct fault *why)
{
    autoclose int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    char text[STATUS_BYTES];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (n < 0)
        return fault_set(why, STATUS_SETUP, errno, "receipt", "reading /proc/self/status");
    text[n] = '\0';
    if (field_key_number(text, "Seccomp_filters", ':', count) < 0)
        return fault_set(why, STATUS_SETUP, 0, "receipt",
                         "Seccomp_filters of runbox itself is \"(absent)\" where \"a number\" was "
                         "asked for");
    return 0;
}

int own_filter_count(uint64_t *count, struct fault *why)
{
    *count = first;
    return first || prctl(PR_GET_SECCOMP) == 0 ? 0 : count_all(count, why);
}
