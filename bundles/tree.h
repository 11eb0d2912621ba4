/* Internal to bundles/: lists a directory tree; follows no links, opens no files, never blocks. */
#ifndef BUNDLES_TREE_H
#define BUNDLES_TREE_H

#include <linux/openat2.h>
#include <stddef.h>

#include "bundles/bundle.h"
#include "bundles/chunk.h"
#include "schemas/fault.h"

struct tree {
    int root;                     /* the bundle's directory */
    const char *name;             /* as given, for messages */
    struct bundle_chunk **chunks; /* where the paths are kept */
    struct bundle_file *files;    /* only .path is set; not sorted */
    size_t count, cap;
    char **dirs; /* paths of the directories below the root, in the order they were found */
    size_t dir_count, dir_cap, dirs_read;
    size_t entries;
    struct meter *meter;
};

/* Fill .files of T, whose root, name, chunks and meter are set. 0 or -1; tree_free() in any
 * case. */
int tree_list(struct tree *t, struct fault *why);
void tree_free(struct tree *t); /* the caller may have taken .files out before */

/* Open PATH below ROOT for reading, with FLAGS: never outside it, through a link, or blocking. A
 * descriptor, or -1 with errno. Source: openat2(2). */
int tree_open(int root, const char *path, int flags);

/* Charge STEPS and BYTES to M for PATH of the bundle NAME. 0, or -1 and *WHY if M is spent. */
int tree_count(const char *name, const char *path, struct meter *m, uint64_t steps, uint64_t bytes,
               struct fault *why);

/* Fill *WHY for PATH ("" is the bundle itself) of the bundle NAME. Returns -1. */
int tree_fault(const char *name, const char *path, int err, const char *what, struct fault *why);

#endif
