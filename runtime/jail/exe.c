/* Finds runbox's programs without PATH or the environment, which may not be the caller's own. */
#include "runtime/jail/exe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *chosen = "runbox-lua";

static int at(const char *path)
{
    return open(path, O_PATH | O_CLOEXEC);
}

/* Store in PATH the path of NAME next to the running program. 0 or -1. */
static int beside(const char *name, char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    size_t dir;

    if (n <= 0)
        return -1;
    path[n] = '\0';
    dir = (size_t)(strrchr(path, '/') + 1 - path);
    return (size_t)snprintf(path + dir, size - dir, "%s", name) < size - dir ? 0 : -1;
}

static int exe_find(const char *name, char *path, size_t size, struct fault *why)
{
    int fd = beside(name, path, size) < 0 ? -1 : at(path);

    if (fd >= 0)
        return fd;
    snprintf(path, size, "%s/%s", RUNBOX_LIBEXECDIR, name);
    fd = at(path);
    if (fd < 0)
        fault_set(why, STATUS_SETUP, errno, name, "it is neither beside runbox nor in %s",
                  RUNBOX_LIBEXECDIR);
    return fd;
}

int exe_open(const char *name, struct fault *why)
{
    char path[4096];

    return exe_find(name, path, sizeof path, why);
}

int exe_path(const char *name, char *path, size_t size, struct fault *why)
{
    int fd = exe_find(name, path, size, why);

    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

const char *exe_box(void)
{
    return chosen;
}

void exe_choose(const char *name)
{
    chosen = name;
}
