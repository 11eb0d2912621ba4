/* Messages that come in pieces, that are none, and that wait. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/wire/channel.h"
#include "runtime/wire/envelope.h"
#include "tests/unit/tap.h"

static struct channel a, b;

static void pair(void)
{
    int fds[2];

    channel_close(&a);
    channel_close(&b);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
        exit(1);
    channel_open(&a, fds[0]);
    channel_open(&b, fds[1]);
}

/* Take what is there, at most AT a time: the number of messages. */
static unsigned take_all(char *texts, size_t size)
{
    struct channel_message m;
    unsigned n = 0;

    texts[0] = '\0';
    while (channel_next(&b, &m)) {
        n++;
        if (strlen(texts) + m.size < size)
            strncat(texts, m.text, m.size);
    }
    return n;
}

static void test_pieces(void)
{
    static char bytes[1 << 16];
    const uint64_t fixed = 7;
    char texts[64];
    size_t n;
    unsigned got = 0;

    pair();
    channel_put(&a, 1, 2, &fixed, sizeof fixed, "ab", 2);
    channel_put(&a, 3, 4, NULL, 0, NULL, 0);
    channel_put(&a, 5, 6, &fixed, 3, "cdefghijk", 9);
    n = channel_waiting(&a);
    memcpy(bytes, a.out.data + a.out.begin, n);
    for (size_t i = 0; i < n; i++) {
        if (send(a.fd, bytes + i, 1, 0) != 1)
            exit(1);
        channel_fill(&b);
        got += take_all(texts, sizeof texts);
    }
    ok(got == 3, "three messages, a byte a time");
    channel_flush(&a);
    channel_fill(&b);
    ok(take_all(texts, sizeof texts) == 3 && strcmp(texts, "abcdefghijk") == 0 &&
           channel_waiting(&a) == 0,
       "and in one piece");
}

static void test_large(void)
{
    size_t n = 1 << 20;
    char *text = calloc(1, n);
    struct channel_message m;
    bool whole = false, after = false;

    pair();
    memset(text, 'x', n);
    channel_put(&a, 1, 1, NULL, 0, text, n);
    channel_put(&a, 2, 1, NULL, 0, "after", 5);
    for (int i = 0; i < 1000 && !after; i++) {
        channel_flush(&a);
        channel_fill(&b);
        while (channel_next(&b, &m)) {
            whole = whole || (m.kind == 1 && m.size == n && memcmp(m.text, text, n) == 0);
            after = m.kind == 2;
        }
    }
    ok(whole && !a.lost && !b.lost, "a text of a mebibyte, in as many pieces as the socket takes");
    ok(after && a.out.cap <= 65536 && b.in.cap <= 65536, "its buffers do not stay");
    channel_put(&a, 1, 1, NULL, 0, text, CHANNEL_TEXT_MAX + 1);
    ok(a.lost, "a text that is too long is not sent");
    free(text);
}

static void test_no_message(void)
{
    static const struct {
        const char *what;
        uint32_t head[4];
    } bad[] = {{"a struct that is too large", {1, 0, 8193, 0}},
               {"a text that is too long", {1, 0, 0, CHANNEL_TEXT_MAX + 1}},
               {"lengths that add up to little", {1, 0, 0xffffffff, 0xffffffff}}};
    struct channel_message m;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pair();
        channel_put(&a, 9, 9, NULL, 0, "good", 4);
        channel_flush(&a);
        if (send(a.fd, bad[i].head, sizeof bad[i].head, 0) < 0)
            exit(1);
        channel_fill(&b);
        ok(channel_next(&b, &m) && m.kind == 9 && !channel_next(&b, &m) && b.lost,
           "%s: lost, behind what came before", bad[i].what);
    }
    pair();
    channel_put(&a, 1, 0, NULL, 0, "last", 4);
    channel_flush(&a);
    close(a.fd);
    a.fd = -1;
    channel_fill(&b);
    channel_fill(&b);
    ok(b.lost && channel_next(&b, &m) && m.size == 4, "what came before the end is there");
    ok(!channel_next(&b, &m), "and nothing else");
    pair();
    channel_put(&b, 1, 0, NULL, 0, "unread", 6);
    channel_flush(&b);
    channel_put(&a, 2, 0, NULL, 0, "last", 4);
    channel_flush(&a);
    close(a.fd);
    a.fd = -1;
    channel_put(&b, 3, 0, NULL, 0, "late", 4);
    channel_flush(&b);
    ok(!b.lost && !channel_waiting(&b), "an end that takes nothing any more");
    channel_fill(&b);
    ok(channel_next(&b, &m) && m.kind == 2, "has said something before, which is read");
    channel_fill(&b);
    ok(b.lost && !channel_next(&b, &m), "until it ends");
}

static unsigned asked;

static bool is_kind(const void *of, const struct channel_message *m)
{
    asked++;
    return m->kind == *(const uint32_t *)of;
}

static void test_find(void)
{
    const uint32_t two = 2, three = 3;
    struct channel_message m;

    pair();
    for (uint32_t kind = 1; kind < 4; kind++)
        channel_put(&a, kind, 0, NULL, 0, "text", 4);
    channel_flush(&a);
    channel_fill(&b);
    ok(channel_find(&b, is_kind, &two) && asked == 2, "a message that was not taken yet is found");
    ok(channel_find(&b, is_kind, &three) && asked == 3 && !channel_find(&b, is_kind, &two),
       "each is looked at once");
    ok(channel_next(&b, &m) && m.kind == 1 && channel_next(&b, &m) && m.kind == 2,
       "and can be taken still");
    channel_put(&a, 2, 0, NULL, 0, NULL, 0);
    channel_flush(&a);
    channel_fill(&b);
    ok(channel_find(&b, is_kind, &two), "one that has come since is found");
}

static void test_envelope(void)
{
    static const struct {
        const char *line, *id, *bundle;
        bool limits, keys, reads;
    } good[] = {
        {"{}", NULL, NULL, false, false, false},
        {"{\"bundle\":\"a\",\"arg\":{\"bundle\":\"b\",\"keyring\":1,\"read\":true}}", NULL, "a",
         false, false, false},
        {" { \"b\\u0075ndle\" : \"a\\u002fb\" , \"id\" : 7 } ", "7", "a/b", false, false, false},
        {"{\"id\":\"\\u0041\",\"limits\":{},\"keyring\":[]}", "\"A\"", NULL, true, true, false},
        {"{\"k\\u0065yring\":0,\"no such\":[1,[2]]}", NULL, NULL, false, true, false},
        {"{\"r\\u0065ad\" : true }", NULL, NULL, false, false, true},
        {"{\"read\":false}", NULL, NULL, false, false, false},
        {"{\"read\":\"true\"}", NULL, NULL, false, false, false},
    };
    static const char *const bad[] = {"",
                                      "[]",
                                      "{",
                                      "{}x",
                                      "{\"bundle\":7}",
                                      "{\"id\":1.5}",
                                      "{\"id\":1,\"id\":2}",
                                      "{\"bundle\":\"a\",\"arg\":[1,]}",
                                      "{\"bundle\":\"a\",\"bundl\\u0065\":\"b\"}"};
    struct envelope e;
    struct fault why;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *id = good[i].id, *bundle = good[i].bundle;
        int r = envelope_read(good[i].line, strlen(good[i].line), &e, &why);

        ok(r == 0 && (id ? e.id && strcmp(e.id, id) == 0 : !e.id) &&
               (bundle ? e.bundle && strcmp(e.bundle, bundle) == 0 : !e.bundle) &&
               e.limits == good[i].limits && e.keys == good[i].keys && e.reads == good[i].reads,
           "envelope of %s", good[i].line);
        envelope_free(&e);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ok(envelope_read(bad[i], strlen(bad[i]), &e, &why) == 1, "no envelope: %s", bad[i]);
        envelope_free(&e);
    }
}

static void test_envelope_replies(void)
{
    static const struct {
        const char *line;
        bool is;
    } replies[] = {{"{\"Ok\":null}", true},
                   {" {\"Err\" :\"e\"", true},
                   {"{\"Invoke\":{}}", true},
                   {"garbage", true},
                   {"[1]", true},
                   {"{\"bundle\":\"b\"}", false},
                   {"{\"arg\":1,\"Ok\":2}", false},
                   {"{\"O\\u006b\":1}", false},
                   {"{", false},
                   {"{}", false}};

    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
        ok(envelope_is_reply(replies[i].line, strlen(replies[i].line)) == replies[i].is, "%s %s",
           replies[i].line, replies[i].is ? "may be a reply" : "is shown to no monitor");
}

int main(void)
{
    a.fd = b.fd = -1;
    test_pieces();
    test_large();
    test_no_message();
    test_find();
    test_envelope();
    test_envelope_replies();
    channel_close(&a);
    channel_close(&b);
    return done();
}
