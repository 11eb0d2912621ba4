/* Input lines, counted. Trusts nothing about them: a line without an end costs at most
 * WIRE_LINE_MAX bytes. */
#include "runtime/batch/feed.h"

#include <errno.h>
#include <stdlib.h>

#include "schemas/setup.h"

void feed_open(struct feed *f, int fd, const char *where, uint64_t shard, uint64_t shards)
{
    *f = (struct feed){.fd = fd, .where = where, .shard = shard, .shards = shards};
    lines_open(&f->lines, WIRE_LINE_MAX);
}

void feed_close(struct feed *f)
{
    lines_drop(&f->lines);
    lines_forget(&f->lines);
    lines_close(&f->lines);
}

static bool is_ours(const struct feed *f)
{
    return (f->line - 1) % f->shards == f->shard - 1;
}

/* Count a whole line. False: do not return it, as it is the end of one too long, blank, or
 * another shard's. */
static bool counts(struct feed *f, const char *line, size_t n)
{
    bool was_skipping = f->skipping;

    f->taken += n + 1;
    f->skipping = false;
    if (was_skipping)
        return false;
    f->line++;
    return is_ours(f) && !line_is_blank(line, n);
}

/* Drop the buffered part of a line that is too long. True: it is the first part, and this
 * shard's. */
static bool drop_long(struct feed *f)
{
    bool first = !f->skipping;

    f->taken += f->lines.len;
    f->skipping = true;
    lines_drop(&f->lines);
    f->line += first;
    return first && is_ours(f);
}

static enum feed_got last_line(struct feed *f, char **line, size_t *n)
{
    f->ended = true;
    *n = lines_rest(&f->lines, line);
    lines_drop(&f->lines);
    return *n && counts(f, *line, *n) ? FEED_LINE : FEED_END;
}

enum feed_got feed_next(struct feed *f, char **line, size_t *n)
{
    int got = 0;

    while (!f->ended && (got = lines_next(&f->lines, line, n)) != 0) {
        if (got > 0 && counts(f, *line, *n))
            return FEED_LINE;
        if (got < 0 && drop_long(f))
            return FEED_LONG;
    }
    if (f->ended)
        return FEED_END;
    return f->lines.eof ? last_line(f, line, n) : FEED_NONE;
}

int feed_fill(struct feed *f, struct fault *why)
{
    if (lines_fill(&f->lines, f->fd) < 0 && errno != EAGAIN && errno != EINTR)
        return fault_set(why, errno == ENOMEM ? STATUS_SETUP : STATUS_INVALID, errno, f->where,
                         "reading the jobs");
    return 0;
}

int feed_shard(const char *text, uint64_t *shard, uint64_t *shards)
{
    char *slash, *end;

    if (*text < '1' || *text > '9')
        return -1;
    errno = 0;
    *shard = strtoull(text, &slash, 10);
    if (*slash != '/' || slash[1] < '1' || slash[1] > '9')
        return -1;
    *shards = strtoull(slash + 1, &end, 10);
    return *end || errno || *shard > *shards ? -1 : 0;
}
