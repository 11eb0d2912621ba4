/* Descriptors and memory that clean up after themselves; ownership moves with steal_*(). */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void cleanup_free(void *p)
{
    free(*(void **)p);
}

#define autoclose __attribute__((cleanup(cleanup_close)))
#define autofree  __attribute__((cleanup(cleanup_free)))

/* The descriptor in *FD, which becomes -1: its owner is now the caller. */
static inline int steal_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

#define steal_pointer(p)                \
    (__extension__({                    \
        __typeof__(*(p)) taken_ = *(p); \
        *(p) = NULL;                    \
        taken_;                         \
    }))

/* Exactly N bytes. 0, or -1 with errno; at the end of the file errno stays as it was. */
static inline int fd_read_all(int fd, void *to, size_t n)
{
    for (char *at = (char *)to; n;) {
        ssize_t got = read(fd, at, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        at += got;
        n -= (size_t)got;
    }
    return 0;
}

/* All N bytes. 0, or -1 with errno. */
static inline int fd_write_all(int fd, const void *bytes, size_t n)
{
    for (const char *at = (const char *)bytes; n;) {
        ssize_t done = write(fd, at, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

#endif
