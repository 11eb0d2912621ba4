/* Lines out: see wire.h. Output is streamed through one static buffer, so that an event may be as
 * long as the protocol allows and still needs no memory; a usual event is one write(2). */
#include "runtime/script/core/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/json/base64.h"
#include "runtime/json/utf8.h"
#include "schemas/setup.h"

#define ESCAPED_MAX 6    /* bytes that one byte may become: \u001b */
#define TEXT_MAX    4096 /* bytes gathered of texts: an event, which a caller keeps whole */
#define BURST       16   /* lines that are sent at once before time counts */

static void wire_send(const char *bytes, size_t n)
{
    while (n) {
        ssize_t sent = write(0, bytes, n);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            _exit(WIRE_GONE);
        bytes += sent;
        n -= (size_t)sent;
    }
}

static void flush(struct wire *w)
{
    wire_send(w->out, w->used);
    w->used = 0;
}

static void wire_put(struct wire *w, const char *bytes, size_t n)
{
    while (n > sizeof w->out - w->used) {
        size_t part = sizeof w->out - w->used;

        memcpy(w->out + w->used, bytes, part);
        w->used += part;
        bytes += part;
        n -= part;
        flush(w);
    }
    memcpy(w->out + w->used, bytes, n);
    w->used += n;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Escape the character of S that is not plain to OUT; *TO is its length there. Returns its length
 * in S. */
static size_t escape(const char *s, size_t n, char out[8], size_t *to)
{
    static const char hex[] = "0123456789abcdef", shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    unsigned char c = (unsigned char)*s;

    if (c >= 0x80) {
        int step = utf8_step(s, n);
        size_t from = (size_t)(step < 0 ? -step : step);

        *to = step < 0 ? 3 : from;
        memcpy(out, step < 0 ? "\xef\xbf\xbd" : s, *to);
        return from;
    }
    for (const char *p = shorts; *p; p += 2)
        if (*p == (char)c) {
            out[0] = '\\';
            out[1] = p[1];
            *to = 2;
            return 1;
        }
    memcpy(out, "\\u00", 4);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    *to = 6;
    return 1;
}

/* How many bytes of S fit in ROOM bytes of a JSON string. */
static size_t fitting(const char *s, size_t n, size_t room)
{
    size_t at = 0, used = 0;

    if (n <= room / ESCAPED_MAX)
        return n;
    while (at < n) {
        char out[8];
        size_t to = 1, from = is_plain((unsigned char)s[at]) ? 1 : escape(s + at, n - at, out, &to);

        if (used + to > room)
            break;
        used += to;
        at += from;
    }
    return at;
}

static void put_escaped(struct wire *w, const char *s, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t run = at;

        while (run < n && is_plain((unsigned char)s[run]))
            run++;
        wire_put(w, s + at, run - at);
        at = run;
        if (at < n) {
            char out[8];
            size_t to;

            at += escape(s + at, n - at, out, &to);
            wire_put(w, out, to);
        }
    }
}

static size_t send_piece(struct wire *w, const char *head, const char *text, size_t n,
                         const char *tail)
{
    size_t heads = strlen(head), tails = strlen(tail);
    size_t part = fitting(text, n, w->line_max - heads - tails - 1);

    wire_put(w, head, heads);
    put_escaped(w, text, part);
    wire_put(w, tail, tails);
    wire_put(w, "\n", 1);
    flush(w);
    return part;
}

void wire_text(struct wire *w, const char *head, const char *text, size_t n, const char *tail)
{
    wire_sync(w);
    do {
        size_t sent = send_piece(w, head, text, n, tail);

        text += sent;
        n -= sent;
    } while (n);
}

void wire_cut(struct wire *w, const char *head, const char *text, size_t n, const char *tail)
{
    wire_sync(w);
    send_piece(w, head, text, n, tail);
}

void wire_json(struct wire *w, const char *head, const char *json, size_t n, const char *tail)
{
    wire_sync(w);
    wire_put(w, head, strlen(head));
    wire_put(w, json, n);
    wire_put(w, tail, strlen(tail));
    wire_put(w, "\n", 1);
    flush(w);
}

void wire_ask_bytes(struct wire *w, size_t n)
{
    char number[24] = "";
    int length = snprintf(number, sizeof number, "%zu", n);

    wire_json(w, "{\"Stdio\":{\"Read\":", number, (size_t)length, "}}");
}

void wire_bytes(struct wire *w, const void *bytes, size_t n)
{
    wire_put(w, bytes, n);
    flush(w);
}

void wire_log(struct wire *w, const char *level, const char *text, size_t n)
{
    char head[32] = "{\"Log\":{\"";

    strcat(head, level);
    strcat(head, "\":\"");
    wire_text(w, head, text, n, "\"}}");
}

#define WRITE_HEAD "{\"Stdio\":{\"Write\":\""

static void send_base64(struct wire *w, const char *text, size_t n)
{
    size_t most = (w->line_max - sizeof WRITE_HEAD - 8) / 4 * 3;
    char coded[1024];

    while (n) {
        size_t line = n < most ? n : most;

        wire_put(w, WRITE_HEAD, sizeof WRITE_HEAD - 1);
        n -= line;
        while (line) {
            size_t part = line < sizeof coded / 4 * 3 ? line : sizeof coded / 4 * 3;

            base64_encode(text, part, coded);
            wire_put(w, coded, base64_size(part));
            text += part;
            line -= part;
        }
        wire_put(w, "\"}}\n", 4);
        flush(w);
    }
}

/* Write the count of N bytes so that it ends behind .head; return where it begins. */
static char *write_count(struct wire *w, size_t n)
{
    static const char before[] = "{\"Stdio\":{\"Bytes\":", after[] = "}}\n";
    char *at = w->head + sizeof w->head - (sizeof after - 1);

    memcpy(at, after, sizeof after - 1);
    do
        *--at = (char)('0' + n % 10);
    while (n /= 10);
    return memcpy(at - (sizeof before - 1), before, sizeof before - 1);
}

/* What was gathered goes with its count, which lies before it. */
static void send_bytes(struct wire *w, const char *text, size_t n)
{
    while (n) {
        size_t part = n < STDIO_MOST ? n : STDIO_MOST;
        const char *count = write_count(w, part);
        size_t counts = (size_t)(w->head + sizeof w->head - count);

        if (text == w->text) {
            wire_send(count, counts + part);
        } else {
            wire_send(count, counts);
            wire_send(text, part);
        }
        text += part;
        n -= part;
    }
}

static void send_text(struct wire *w, const char *text, size_t n)
{
    if (w->form == WIRE_BASE64)
        send_base64(w, text, n);
    if (w->form == WIRE_BYTES)
        send_bytes(w, text, n);
    if (w->form != WIRE_TEXT)
        return;
    while (n) {
        size_t sent = send_piece(w, WRITE_HEAD, text, n, "\"}}");

        text += sent;
        n -= sent;
    }
}

void wire_sync(struct wire *w)
{
    size_t n = w->held;

    w->held = 0;
    send_text(w, w->text, n);
}

static size_t text_max(const struct wire *w)
{
    return w->form == WIRE_BYTES ? sizeof w->text : TEXT_MAX;
}

bool wire_room(const struct wire *w, size_t n)
{
    return n <= text_max(w) - w->held;
}

/* Bytes at the end of N that begin a character, which what comes next may complete. */
static size_t unfinished(const struct wire *w, const char *text, size_t n)
{
    return w->form == WIRE_TEXT ? utf8_unfinished(text, n) : 0;
}

void wire_gather(struct wire *w, const char *text, size_t n)
{
    const size_t max = text_max(w);

    while (n) {
        size_t part = n < max - w->held ? n : max - w->held;
        /* Send a long text without copying it. */
        size_t tail = w->held || n < max ? n : unfinished(w, text, n);

        if (tail < n) {
            send_text(w, text, n - tail);
            text += n - tail;
            n = tail;
            continue;
        }
        memcpy(w->text + w->held, text, part);
        w->held += part;
        text += part;
        n -= part;
        if (w->held == max) {
            tail = unfinished(w, w->text, max);
            w->held -= tail;
            wire_sync(w);
            memmove(w->text, w->text + max - tail, tail);
            w->held = tail;
        }
    }
}

/* WIRE_PACED: whether a line that has ended may be sent now. BURST may, and one more each millisecond,
 * as a clock counts them that costs little where each of many millions of lines asks it. */
static bool may_send_line(struct wire *w)
{
    struct timespec now;
    uint64_t ms;

    if (!w->lines) {
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
        w->lines = ms - w->counted < BURST ? (unsigned)(ms - w->counted) : BURST;
        w->counted = ms;
    }
    if (!w->lines)
        return false;
    w->lines--;
    return true;
}

void wire_write(struct wire *w, const char *text, size_t n)
{
    bool ends;

    wire_gather(w, text, n);
    ends = w->held && w->text[w->held - 1] == '\n';
    if (w->pace == WIRE_NONE ||
        (ends && (w->pace == WIRE_LINES || (w->pace == WIRE_PACED && may_send_line(w)))))
        wire_sync(w);
}
