/* Lines out: see wire.h. Output is streamed through one static buffer, so that an event may be as
 * long as the protocol allows and still needs no memory; a usual event is one write(2). */
#include "runtime/script/core/wire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/json/base64.h"
#include "runtime/json/utf8.h"

#define ESCAPED_MAX 6 /* bytes that one byte may become: \u001b */

static void flush(struct wire *w)
{
    for (size_t at = 0; at < w->used;) {
        ssize_t sent = write(0, w->out + at, w->used - at);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            _exit(WIRE_GONE);
        at += (size_t)sent;
    }
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

static void send_text(struct wire *w, const char *text, size_t n)
{
    if (w->base64) {
        send_base64(w, text, n);
        return;
    }
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

bool wire_room(const struct wire *w, size_t n)
{
    return n <= sizeof w->text - w->held;
}

void wire_gather(struct wire *w, const char *text, size_t n)
{
    while (n) {
        size_t part = n < sizeof w->text - w->held ? n : sizeof w->text - w->held;
        /* Send a long text without copying it, except a character that its next piece may
         * complete. */
        size_t tail = w->held || n < sizeof w->text ? n : utf8_unfinished(text, n);

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
        if (w->held == sizeof w->text) {
            tail = w->base64 ? 0 : utf8_unfinished(w->text, w->held);
            w->held -= tail;
            wire_sync(w);
            memmove(w->text, w->text + sizeof w->text - tail, tail);
            w->held = tail;
        }
    }
}

void wire_write(struct wire *w, const char *text, size_t n)
{
    wire_gather(w, text, n);
    if (w->held && w->text[w->held - 1] == '\n')
        wire_sync(w);
}
