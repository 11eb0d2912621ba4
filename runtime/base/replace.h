/* Write a file whole or not at all: create it beside the old one under a temporary name, then
 * rename it. Anything but a regular file (a FIFO, a terminal, /dev/stdout) is written in place. */
#ifndef BASE_REPLACE_H
#define BASE_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/path.h"

struct replace {
    struct path_end end; /* the target, links followed */
    int fd;              /* written directly; -1: .end is replaced */
    bool own;            /* .fd must be closed */
    unsigned mode;       /* of the new file, before the umask: the old one's, else 0644 */
    const char *refused; /* after a failure: the reason, if path.h's rule refused it; else NULL */
};

/* Follow PATH; open it unless it is a regular file, without waiting for a FIFO's reader. 0, or -1
 * and errno; call replace_close() in either case. */
int replace_open(struct replace *r, const char *path);
void replace_close(struct replace *r);

/* The descriptor that PATH denotes (as /dev/stdout does), or -1. Does not open it. */
int replace_descriptor(const char *path);

/* Test whether replace_write() could begin: 0, or -1 and errno. Leaves nothing behind. */
int replace_probe(struct replace *r);

/* 0, or -1 and errno with the old file unchanged. SIGNALS: a descriptor (or -1) that, once
 * readable, ends the wait for a slow reader with EINTR. If the directory allows no new file or no
 * rename, the file is written in place, and a failure may leave half of it. */
int replace_write(struct replace *r, const char *data, size_t n, int signals);

/* All of the above in one call; *REFUSED is R's. */
int replace_file(const char *path, const char *data, size_t n, int signals, const char **refused);

#endif
