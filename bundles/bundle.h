/* A bundle as bytes: every regular file of a directory, read once; the bytes that are digested are
 * the bytes that run. Files and directories whose names start with '.' (.git, .luarc.json) are not
 * part of it: neither read nor digested. Symbolic links, FIFOs, sockets and devices are errors. */
#ifndef BUNDLES_BUNDLE_H
#define BUNDLES_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/meter.h"
#include "schemas/fault.h"

#define BUNDLE_FILES_MAX   1024          /* files, and as many directories */
#define BUNDLE_ENTRIES_MAX 8192          /* directory entries read, including hidden ones */
#define BUNDLE_DEPTH_MAX   16            /* components of a path */
#define BUNDLE_FILE_MAX    (4ull << 20)  /* bytes of one file */
#define BUNDLE_SIZE_MAX    (16ull << 20) /* bytes of all files */

struct bundle_file {
    const char *path;  /* relative to the root, "lib/a.lua"; UTF-8 without control characters */
    const char *bytes; /* .size bytes, then a NUL */
    size_t size;
};

struct bundle {                /* const once opened; owns all that it points to */
    const char *path;          /* as given; the caller's after bundle_unseal() */
    struct bundle_file *files; /* sorted by path, bytewise */
    size_t count;
    uint64_t size;   /* bytes of all files */
    char digest[65]; /* SHA-256, 64 hexadecimal digits: see bundle_digest() */
    bool pinned;     /* .root is its directory, open: no other gets its number meanwhile */
    int root;
    struct meter meter; /* the cost of reading it */
    struct bundle_chunk *chunks;
};

/* Read the bundle in directory PATH. 0 and *B (bundle_free()), or -1 and *WHY: STATUS_INVALID for
 * an invalid bundle, STATUS_SETUP if the host fails (memory, descriptors, EIO, no openat2(2)). */
int bundle_open(const char *path, struct bundle **b, struct fault *why);
void bundle_free(struct bundle *b);  /* NULL is fine */
void bundle_unpin(struct bundle *b); /* its directory is needed no more */

/* The file at PATH, or NULL. */
const struct bundle_file *bundle_find(const struct bundle *b, const char *path);

/* Whether the file at PATH is a source: a box gets these, in the bundle's order. */
bool bundle_is_source(const char *path);

/* Whether PATH is a file of the bundle, or a directory that holds one. */
bool bundle_has(const struct bundle *b, const char *path);

/* The digest of FILES, which must be sorted: SHA-256 over "runbox-bundle-1" and a NUL, then for
 * each file its path and its contents, each preceded by its length in bytes as a 64-bit big-endian
 * number. Modes, owners, times and empty directories are not digested. */
void bundle_digest(const struct bundle_file *files, size_t count, char hex[65]);

#endif
