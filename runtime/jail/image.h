/* What has no fixed size in the making of a box with files: its mounts and the bundle's bytes. The monitor writes
 * them into a sealed memory file; the child maps that and copies from it once it is in its group, so that the copy is
 * the box's to pay for. Native byte order: writer and reader are one process, forked. */
#ifndef JAIL_IMAGE_H
#define JAIL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "schemas/fault.h"

struct bundle;
struct plan;

/* A mapped image, and how far it was read. */
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

/* P's mounts, then B's files. The descriptor, or -1 and *WHY. */
int image_make(const struct plan *p, const struct bundle *b, struct fault *why);

/* 0 or -errno; the mapping stays until the exec. */
long image_map(int fd, struct image *i);

/* The next mount, or the next file: 0, or -EBADMSG where it does not lie within the image. */
long image_mount(struct image *i, struct image_mount *m);
long image_file(struct image *i, struct image_file *f);

#endif
