/* Finding runbox-lua without asking PATH or the environment, which a caller may not own. */
#include "runtime/monitor/exe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int exe_open(const char *name, struct fault *why)
{
    char beside[4096];
    ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - 64);
    int fd = -1;

    if (n > 0) {
        beside[n] = '\0';
        snprintf(strrchr(beside, '/') + 1, 64, "%s", name);
        fd = open(beside, O_PATH | O_CLOEXEC);
    }
    if (fd < 0)
        fd = openat(AT_FDCWD, RUNBOX_LIBEXECDIR "/runbox-lua", O_PATH | O_CLOEXEC);
    if (fd < 0)
        return fault_set(why, STATUS_SETUP, errno, "runbox-lua", "it is neither %s nor %s/%s",
                         beside, RUNBOX_LIBEXECDIR, name);
    return fd;
}
