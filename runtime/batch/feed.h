/* The jobs of a batch as numbered lines, read no further than asked for: at most one buffer ahead. */
#ifndef BATCH_FEED_H
#define BATCH_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/wire/lines.h"
#include "schemas/fault.h"

struct feed {
    int fd;
    const char *where; /* its name, for errors */
    struct lines lines;
    uint64_t line; /* number of the last line taken, from 1, blank ones and other shards' too */
    uint64_t shard,
        shards;     /* this one of how many, from 1: line L is of shard (L - 1) % shards + 1 */
    uint64_t taken; /* bytes of all lines taken */
    uint64_t size;  /* of the whole, where it is a regular file; else 0 */
    bool skipping;  /* inside a line that was too long */
    bool ended;
};

enum feed_got { FEED_NONE, FEED_LINE, FEED_LONG, FEED_END };

/* FD stays the owner's. */
void feed_open(struct feed *f, int fd, const char *where, uint64_t shard, uint64_t shards);
void feed_close(struct feed *f); /* its buffer is overwritten: lines may have held keys */

/* The next line of this shard that is not blank: *LINE (valid until the feed is used again) and *N. FEED_LONG:
 * it is beyond WIRE_LINE_MAX, and only .line is known of it. FEED_NONE: feed_fill() first. The last line needs no
 * newline. */
enum feed_got feed_next(struct feed *f, char **line, size_t *n);

/* One read(2), which does not wait where poll(2) says so. 0, or -1 and *WHY (INVALID). */
int feed_fill(struct feed *f, struct fault *why);

/* "I/N": 0, or -1 where that is no shard. */
int feed_shard(const char *text, uint64_t *shard, uint64_t *shards);

#endif
