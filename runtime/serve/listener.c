/* A socket file without a listener is a dead server's, and is replaced; only the holder of the
 * lock beside it decides that, so that two servers starting together do not remove each other's.
 * Trusts the socket's directory, which is opened once: where others may have put links on the
 * way, the same path may lead elsewhere later. */
#include "runtime/serve/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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
#include "runtime/base/path.h"

static int listener_address(struct sockaddr_un *to, const char *path, struct fault *why)
{
    size_t n = strlen(path);

    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (n == 0 || n >= sizeof to->sun_path)
        return fault_set(why, STATUS_USAGE, 0, "--socket",
                         "a socket's path has 1 to %zu bytes, not %zu", sizeof to->sun_path - 1, n);
    memcpy(to->sun_path, path, n);
    return 0;
}

static char *lock_name(const char *path)
{
    char *name = NULL;

    return asprintf(&name, "%s.lock", path) < 0 ? NULL : name;
}

/* Take the lock, and check that its name still refers to the locked file: one that another
 * server has removed meanwhile locks nothing. No other user can open it, and so lock it. */
static int lock(struct listener *l, struct fault *why)
{
    autofree char *name = lock_name(l->name), *path = lock_name(l->path);
    struct stat held, there;

    while (name && path) {
        autoclose int fd =
            openat(l->dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

        if (fd < 0 || fstat(fd, &held) < 0)
            return fault_set(why, STATUS_SETUP, errno, path, "making it");
        if (held.st_uid != geteuid() || (held.st_mode & 077))
            return fault_set(why, STATUS_SETUP, 0, path,
                             "can be locked by others (uid %u, mode %03o): remove it", held.st_uid,
                             held.st_mode & 0777);
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
            return fault_set(why, STATUS_SETUP, errno == EWOULDBLOCK ? 0 : errno, l->path,
                             "another server has this socket");
        if (fstatat(l->dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
            held.st_ino == there.st_ino && held.st_dev == there.st_dev) {
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
    if (listener_address(&to, path, why) < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "connecting to it");
    return steal_fd(&fd);
}

/* Remove a dead server's socket from the path. 0: nothing is there; or -1 and *WHY. */
static int make_way(const struct listener *l, const char *at, struct fault *why)
{
    struct stat st;
    int reached;

    if (fstatat(l->dir, l->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : fault_set(why, STATUS_SETUP, errno, l->path, "looking at it");
    if (!S_ISSOCK(st.st_mode))
        return fault_set(why, STATUS_SETUP, 0, l->path, "is there already, and no socket");
    reached = listener_reach(at, why);
    if (reached >= 0) {
        close(reached);
        return fault_set(why, STATUS_SETUP, 0, l->path, "another server listens at this socket");
    }
    if (why->err != ECONNREFUSED)
        return fault_set(why, STATUS_SETUP, why->err, l->path, "connecting to what is there");
    if (unlinkat(l->dir, l->name, 0) < 0)
        return fault_set(why, STATUS_SETUP, errno, l->path, "removing a dead server's socket");
    return 0;
}

/* Open the directory, and write to AT a path that leads there and nowhere else. */
static int listener_find(struct listener *l, char *at, size_t size, struct fault *why)
{
    const char *refused;
    bool shared;

    l->dir = path_parent(l->path, &l->name, &shared, &refused);
    if (refused)
        return fault_set(why, STATUS_SETUP, 0, l->path, "making a socket there: %s", refused);
    if (l->dir < 0)
        return fault_set(why, STATUS_SETUP, errno, l->path, "opening its directory");
    if (shared)
        snprintf(at, size, "/proc/self/fd/%d/%s", l->dir, l->name);
    else
        snprintf(at, size, "%s", l->path);
    return 0;
}

static int bind_there(struct listener *l, const struct sockaddr_un *to, mode_t mode,
                      struct fault *why)
{
    mode_t mask = umask(0777 & ~mode); /* a later chmod(2) would leave a window with another mode */
    int bound = bind(l->fd, (const struct sockaddr *)to, sizeof *to);
    struct stat st;

    umask(mask);
    if (bound < 0 || fstatat(l->dir, l->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        listen(l->fd, SOMAXCONN) < 0)
        return fault_set(why, STATUS_SETUP, errno, l->path, "listening at it");
    l->dev = st.st_dev;
    l->ino = st.st_ino;
    return 0;
}

int listener_open(struct listener *l, const char *path, mode_t mode, struct fault *why)
{
    char at[sizeof((struct sockaddr_un *)0)->sun_path * 2];
    struct sockaddr_un to;

    *l = LISTENER_CLOSED;
    l->path = strdup(path);
    if (!l->path)
        return fault_set(why, STATUS_SETUP, ENOMEM, path, "its name");
    if (listener_address(&to, path, why) < 0 || listener_find(l, at, sizeof at, why) < 0 ||
        listener_address(&to, at, why) < 0 || lock(l, why) < 0 || make_way(l, at, why) < 0)
        return -1;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0)
        return fault_set(why, STATUS_SETUP, errno, path, "making a socket");
    return bind_there(l, &to, mode, why);
}

void listener_close(struct listener *l)
{
    autofree char *name = l->lock >= 0 ? lock_name(l->name) : NULL;
    struct stat st;

    if (l->lock >= 0 && l->ino && fstatat(l->dir, l->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        st.st_ino == l->ino && st.st_dev == l->dev)
        unlinkat(l->dir, l->name, 0);
    if (name)
        unlinkat(l->dir, name, 0);
    for (const int *fd = (int[]){l->fd, l->lock, l->dir, -2}; *fd != -2; fd++)
        if (*fd >= 0)
            close(*fd);
    free(l->path);
    *l = LISTENER_CLOSED;
}
