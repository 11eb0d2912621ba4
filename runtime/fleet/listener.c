/* A socket file that nobody listens at is a dead server's and makes way; which that is, only the holder of the
 * lock beside it may decide, so that two servers that start at once do not remove each other's. Trusts the
 * directory it is in. */
#include "runtime/fleet/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/fd.h"

static int address(struct sockaddr_un *to, const char *path, struct fault *why)
{
    size_t n = strlen(path);

    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (n == 0 || n >= sizeof to->sun_path)
        return fault_set(why, STATUS_SETUP, 0, path, "a socket's path has 1 to %zu bytes",
                         sizeof to->sun_path - 1);
    memcpy(to->sun_path, path, n);
    return 0;
}

static char *lock_name(const char *path)
{
    char *name = NULL;

    return asprintf(&name, "%s.lock", path) < 0 ? NULL : name;
}

/* Locked, and still the file of that name: one that another server has removed meanwhile locks nothing. */
static int lock(struct listener *l, struct fault *why)
{
    autofree char *name = lock_name(l->path);
    struct stat held, there;

    while (name) {
        autoclose int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

        if (fd < 0)
            return fault_set(why, STATUS_SETUP, errno, name, "making it");
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
            return fault_set(why, STATUS_SETUP, errno == EWOULDBLOCK ? 0 : errno, l->path,
                             "another server has this socket");
        if (fstat(fd, &held) == 0 && stat(name, &there) == 0 && held.st_ino == there.st_ino &&
            held.st_dev == there.st_dev) {
            l->lock = steal_fd(&fd);
            return 0;
        }
    }
    return fault_set(why, STATUS_SETUP, ENOMEM, l->path, "its lock");
}

int listener_reach(const char *path, struct fault *why)
{
    struct sockaddr_un to;
    autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "making a socket");
    if (address(&to, path, why) < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "connecting to it");
    return steal_fd(&fd);
}

/* What is at the path already: nothing, once this has returned 0. */
static int make_way(const char *path, struct fault *why)
{
    struct stat st;
    int reached;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : fault_set(why, STATUS_SETUP, errno, path, "looking at it");
    if (!S_ISSOCK(st.st_mode))
        return fault_set(why, STATUS_SETUP, 0, path, "is there already, and no socket");
    reached = listener_reach(path, why);
    if (reached >= 0) {
        close(reached);
        return fault_set(why, STATUS_SETUP, 0, path, "another server listens at this socket");
    }
    if (why->err != ECONNREFUSED)
        return -1;
    if (unlink(path) < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "removing a dead server's socket");
    return 0;
}

int listener_open(struct listener *l, const char *path, mode_t mode, struct fault *why)
{
    struct sockaddr_un at;
    struct stat st;
    mode_t mask;
    int bound;

    *l = LISTENER_CLOSED;
    l->path = strdup(path);
    if (!l->path)
        return fault_set(why, STATUS_SETUP, ENOMEM, path, "its name");
    if (address(&at, path, why) < 0 || lock(l, why) < 0 || make_way(path, why) < 0)
        return -1;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "making a socket");
    mask = umask(0777 & ~mode); /* a chmod(2) later would leave a moment with another mode */
    bound = bind(l->fd, (struct sockaddr *)&at, sizeof at);
    umask(mask);
    if (bound < 0 || lstat(path, &st) < 0 || listen(l->fd, SOMAXCONN) < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "listening at it");
    l->dev = st.st_dev;
    l->ino = st.st_ino;
    return 0;
}

void listener_close(struct listener *l)
{
    autofree char *name = l->lock >= 0 ? lock_name(l->path) : NULL;
    struct stat st;

    if (l->lock >= 0 && l->ino && lstat(l->path, &st) == 0 && st.st_ino == l->ino &&
        st.st_dev == l->dev)
        unlink(l->path);
    if (name)
        unlink(name);
    if (l->fd >= 0)
        close(l->fd);
    if (l->lock >= 0)
        close(l->lock);
    free(l->path);
    *l = LISTENER_CLOSED;
}
