/* The jobs of a batch as numbered lines, read on demand: at most one buffer ahead. */
#ifndef BATCH_FEED_H
#define BATCH_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/wire/lines.h"
#include "schemas/fault.h"

struct feed {
    int fd;
    const char *where; /* name for errors */
    struct lines lines;
    uint64_t line; /* number of the last line taken, from 1; blank ones and other shards' count */
    /* This shard and their number, from 1: line L is of shard (L - 1) % shards + 1. */
    uint64_t shard, shards;
    uint64_t taken; /* bytes of all lines taken */
    uint64_t size;  /* bytes of the input if a regular file; else 0; set by the caller */
    bool skipping;  /* inside a line that is too long */
    bool ended;
};

enum feed_got { FEED_NONE, FEED_LINE, FEED_LONG, FEED_END };

/* FD stays the caller's. */
void feed_open(struct feed *f, int fd, const char *where, uint64_t shard, uint64_t shards);
void feed_close(struct feed *f); /* overwrites its buffer: lines may have held keys */

/* Return the next line of this shard that is not blank: *LINE (valid until the feed is used
 * again) and *N. FEED_LONG: it exceeds WIRE_LINE_MAX, and only .line is known. FEED_NONE: call
 * feed_fill() first. The last line needs no newline. */
enum feed_got feed_next(struct feed *f, char **line, size_t *n);

/* Do one read(2), which does not block if poll(2) reported FD. 0, or -1 and *WHY (INVALID;
 * SETUP: no memory). */
int feed_fill(struct feed *f, struct fault *why);

/* Parse "I/N". 0, or -1 if that is no shard. */
int feed_shard(const char *text, uint64_t *shard, uint64_t *shards);

#endif
