/* A file that is written whole or not at all: made beside the old one under a name of its own, then renamed. What is
 * no regular file (a FIFO, a terminal, /dev/stdout) has nothing to replace and is written to as it is. */
#ifndef BASE_REPLACE_H
#define BASE_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/path.h"

struct replace {
    struct path_end end; /* where links lead */
    int fd;              /* to write to as it is; -1: .end is replaced */
    bool own;            /* .fd is to be closed */
    unsigned mode;       /* of the new file, before the umask: the old one's, else 0644 */
    const char *refused; /* after a failure: why, where path.h's rule is the reason; else NULL */
};

/* Follow PATH, and open what is no regular file, without waiting for a FIFO's reader. 0, or -1 and errno;
 * replace_close() in either case. */
int replace_open(struct replace *r, const char *path);
void replace_close(struct replace *r);

/* The descriptor that PATH stands for, as /dev/stdout does, or -1. Opens nothing. */
int replace_descriptor(const char *path);

/* Whether replace_write() could begin: 0, or -1 and errno. Nothing is left of the attempt. */
int replace_probe(struct replace *r);

/* 0; or -1 and errno, the old file as it was. SIGNALS: a descriptor (or -1) that, once readable, ends the wait for a
 * slow reader: EINTR. A file in a directory where none can be made or renamed is written in place. */
int replace_write(struct replace *r, const char *data, size_t n, int signals);

/* All of these at once; *REFUSED is R's. */
int replace_file(const char *path, const char *data, size_t n, int signals, const char **refused);

#endif
