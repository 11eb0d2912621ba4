/* Descriptors and memory released at the end of their scope; ownership moves with steal_*(). */
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

/* Return *FD and set it to -1: the caller now owns the descriptor. */
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

/* Read exactly N bytes. 0, or -1 and errno; at end of file errno is left unchanged. */
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

/* Write all N bytes. 0, or -1 and errno. */
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
