/* The variable-size part of an order for a box with files: its mounts and the
 * bundle's bytes. The broker writes them into a sealed memfd; the child maps
 * it and copies from it once it is in its group, so that the copy is charged
 * to the box. Native byte order: the reader is a fork of the writer. */
#ifndef JAIL_IMAGE_H
#define JAIL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "schemas/fault.h"

struct bundle;
struct plan;

/* A mapped image: the next byte to read, and the end. */
struct image {
    const char *at, *end;
};

struct image_mount {
    const char *source, *target; /* inside: a path inside the bundle; else an absolute host path */
    bool inside, rw;
};

struct image_file {
    const char *path, *bytes;
    size_t size;
};

/* Write an image of P's mounts, then B's files. A descriptor, or -1 and *WHY. */
int image_make(const struct plan *p, const struct bundle *b, struct fault *why);

/* Map the image in FD. 0 or -errno; the mapping stays until the exec. */
long image_map(int fd, struct image *i);

/* Decode the next mount, or the next file. 0, or -EBADMSG where it is malformed. */
long image_mount(struct image *i, struct image_mount *m);
long image_file(struct image *i, struct image_file *f);

#endif
