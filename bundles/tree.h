/* Inside bundles/: a directory's tree, listed without following, opening or blocking on anything.
 */
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
    struct bundle_file *files;    /* .path alone is set; not sorted */
    size_t count, cap;
    char **dirs; /* paths of the directories below the root, in the order they were found */
    size_t dir_count, dir_cap, dirs_read;
    size_t entries;
    struct meter *meter;
};

/* Fill FILES of T, of which root, name and chunks are set. 0 or -1; tree_free() in either case. */
int tree_list(struct tree *t, struct fault *why);
void tree_free(struct tree *t); /* what is left in it: files may have been taken out */

/* PATH below the root, opened for reading with FLAGS: never outside, through a link, or blocking.
 * A descriptor or -1 with errno. Source: openat2(2). */
int tree_open(int root, const char *path, int flags);

/* STEPS and BYTES more for PATH of the bundle called NAME. 0; or -1: M gives no more. */
int tree_count(const char *name, const char *path, struct meter *m, uint64_t steps, uint64_t bytes,
               struct fault *why);

/* Fill WHY for PATH of the bundle called NAME ("" is the bundle itself). -1. */
int tree_fault(const char *name, const char *path, int err, const char *what, struct fault *why);

#endif
