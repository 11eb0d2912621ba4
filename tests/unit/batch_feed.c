/* runtime/batch/feed.c and order.c: lines in, numbered, sharded and bounded; results out in order. */
#include "runtime/batch/feed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/batch/order.h"
#include "schemas/setup.h"
#include "tests/unit/tap.h"

/* What a feed gives of TEXT: "NUMBER:LINE," for each line, "NUMBER!," for one that is too long. */
static void read_all(int fd, uint64_t shard, uint64_t shards, struct str *got)
{
    enum feed_got g = FEED_NONE;
    struct fault why;
    struct feed f;
    char *line;
    size_t n;

    feed_open(&f, fd, "test", shard, shards);
    while (g != FEED_END) {
        g = feed_next(&f, &line, &n);
        if (g == FEED_LINE)
            str_addf(got, "%llu:%.*s,", (unsigned long long)f.line, n > 20 ? 20 : (int)n, line);
        if (g == FEED_LONG)
            str_addf(got, "%llu!,", (unsigned long long)f.line);
        if (g == FEED_NONE && feed_fill(&f, &why) < 0)
            break;
    }
    feed_close(&f);
}

static int file_of(const char *text, size_t n)
{
    int fd = memfd_create("jobs", MFD_CLOEXEC);

    if (fd < 0 || write(fd, text, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) < 0)
        exit(99);
    return fd;
}

static void gives(const char *text, uint64_t shard, uint64_t shards, const char *want)
{
    autostr struct str got = {0};
    int fd = file_of(text, strlen(text));

    read_all(fd, shard, shards, &got);
    close(fd);
    ok(!strcmp(got.data ? got.data : "", want), "shard %d/%d gives %s (%s)", (int)shard,
       (int)shards, want, got.data ? got.data : "");
}

static void test_long(void)
{
    autostr struct str text = {0}, got = {0};
    int fd;

    str_adds(&text, "a\n");
    for (size_t i = 0; i < 3 * (size_t)WIRE_LINE_MAX; i++)
        str_addc(&text, 'x');
    str_adds(&text, "\nb\n");
    for (size_t i = 1; i < WIRE_LINE_MAX; i++)
        str_addc(&text, 'y');
    str_adds(&text, "\nc\n");
    for (size_t i = 0; i < WIRE_LINE_MAX; i++)
        str_addc(&text, 'z');
    fd = file_of(text.data, text.len);
    read_all(fd, 1, 1, &got);
    close(fd);
    ok(!strcmp(got.data, "1:a,2!,3:b,4:yyyyyyyyyyyyyyyyyyyy,5:c,6!,"), "long lines: %s", got.data);
}

/* A writer that is far ahead is not read far ahead of. */
static void test_ahead(void)
{
    char block[4096], *line;
    struct fault why;
    struct feed f;
    size_t n, left;
    int ends[2];
    ssize_t put, written = 0;

    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0 || fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) < 0)
        exit(99);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = i % 8 == 7 ? '\n' : 'j';
    while ((put = write(ends[1], block, sizeof block)) > 0)
        written += put;
    feed_open(&f, ends[0], "test", 1, 1);
    ok(feed_fill(&f, &why) == 0 && feed_next(&f, &line, &n) == FEED_LINE && n == 7, "one job");
    left = f.lines.len;
    ok(written == 1 << 20 && left <= 65536, "of %zd bytes that wait, %zu were read", written,
       left + 8);
    feed_close(&f);
    close(ends[0]);
    close(ends[1]);
}

static void test_shards(void)
{
    static const char *const good[] = {"1/1", "1/2", "2/2", "1000000/1000000"};
    static const char *const bad[] = {"",
                                      "0/1",
                                      "1/0",
                                      "3/2",
                                      "1",
                                      "1/",
                                      "/1",
                                      "a/b",
                                      "1/2 ",
                                      " 1/2",
                                      "-1/2",
                                      "1/2/3",
                                      "1/99999999999999999999"};
    uint64_t shard, shards;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(feed_shard(good[i], &shard, &shards) == 0 && shard <= shards, "shard %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(feed_shard(bad[i], &shard, &shards) < 0, "no shard: \"%s\"", bad[i]);
}

static struct str text_of(const char *text)
{
    struct str s = {0};

    str_adds(&s, text);
    return s;
}

static void test_order(void)
{
    autostr struct str got = {0};
    struct str text;
    struct fault why;
    struct order o;

    ok(order_open(&o, 4, &why) == 0 && !order_take(&o, &text), "nothing is due at first");
    for (uint64_t round = 0; round < 3; round++) {
        static const char *const put[] = {"c", "a", "d", "b"};
        static const uint64_t at[] = {2, 0, 3, 1};

        for (int i = 0; i < 4; i++)
            ok(order_has_room(&o) && order_ticket(&o) == 4 * round + (uint64_t)i, "a ticket");
        ok(!order_has_room(&o), "no room for a fifth");
        for (int i = 0; i < 4; i++) {
            text = text_of(put[i]);
            order_put(&o, 4 * round + at[i], &text);
            for (; order_take(&o, &text); str_free(&text))
                str_adds(&got, text.data);
        }
    }
    ok(!strcmp(got.data, "abcdabcdabcd") && o.bytes == 0, "in order: %s", got.data);
    order_close(&o);
}

static void test_order_bytes(void)
{
    struct str text = {0};
    struct fault why;
    struct order o;

    order_open(&o, 100, &why);
    order_ticket(&o);
    order_ticket(&o);
    for (size_t i = 0; i < 17u << 20; i++)
        str_addc(&text, 'x');
    order_put(&o, 1, &text);
    ok(!order_has_room(&o), "17 MiB wait: no more is begun");
    text = text_of("");
    order_put(&o, 0, &text);
    ok(order_take(&o, &text) && text.len == 0, "an empty one holds its place");
    str_free(&text);
    ok(order_take(&o, &text) && text.len == 17u << 20 && order_has_room(&o), "and room again");
    str_free(&text);
    order_close(&o);
}

int main(void)
{
    gives("", 1, 1, "");
    gives("a\nb\nc\n", 1, 1, "1:a,2:b,3:c,");
    gives("a\nb", 1, 1, "1:a,2:b,");
    gives("\n \t\r\na\n\n\nb\n\n", 1, 1, "3:a,6:b,");
    gives("a\nb\nc\nd\ne", 1, 2, "1:a,3:c,5:e,");
    gives("a\nb\nc\nd\ne", 2, 2, "2:b,4:d,");
    gives("a\nb\nc\nd\ne", 3, 3, "3:c,");
    gives("a\nb\n", 7, 9, "");
    test_long();
    test_ahead();
    test_shards();
    test_order();
    test_order_bytes();
    return done();
}
