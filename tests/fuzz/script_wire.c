/* The box's writer, runtime/script/core/wire.c, against the monitor's reader: whatever bytes a script prints or
 * logs, the lines on the wire are events of bounded length, and their texts together are the script's. The
 * first byte chooses the longest line and the form; pieces of the rest are ended by 0xff. */
#include "runtime/script/core/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/json/base64.h"
#include "runtime/wire/event.h"
#include "runtime/wire/text.h"
#include "tests/fuzz/judge/judge.h"

#define TEXT_PIECE \
    4096 /* wire.c gathers so much: a longer text may be cut within what is no character */

/* The box's descriptor is 0: here a file in memory, which is read back. */
static char *read_back(size_t *n)
{
    off_t size = lseek(0, 0, SEEK_CUR);
    char *bytes = malloc((size_t)size + 1);

    must(bytes && pread(0, bytes, (size_t)size, 0) == size, "reading back: %d", errno);
    must(ftruncate(0, 0) == 0 && lseek(0, 0, SEEK_SET) == 0, "emptying: %d", errno);
    *n = (size_t)size;
    return bytes;
}

/* Append what the lines say, all of KIND. */
static void gather(const struct wire *w, enum event_kind kind, struct str *said)
{
    size_t n;
    char *bytes = read_back(&n), *at = bytes, *end = bytes + n, *stop;

    for (; at < end; at = stop + 1) {
        struct event e;
        const char *why = "";

        stop = memchr(at, '\n', (size_t)(end - at));
        must(stop, "a line without an end");
        must((size_t)(stop + 1 - at) <= w->line_max, "a line of %td bytes", stop + 1 - at);
        must(event_parse(at, (size_t)(stop - at), &e, &why) == 0, "%s: %.*s", why, (int)(stop - at),
             at);
        must(e.kind == kind, "an event of another kind");
        if (kind == EVENT_BYTES) {
            must(e.count <= (size_t)(end - stop - 1), "fewer bytes than their count");
            str_add(said, stop + 1, e.count);
            stop += e.count;
        } else if (w->form == WIRE_BASE64 && kind == EVENT_WRITE) {
            must(base64_check(e.text.at, e.text.len), "not base64: %.*s", (int)(stop - at), at);
            must(str_reserve(said, e.text.len) == 0, "no memory");
            said->len += base64_decode(e.text.at, e.text.len, said->data + said->len);
        } else {
            text_plain(said, e.text, false);
        }
    }
    free(bytes);
}

/* BYTES as the wire carries them. */
static void expect(const struct str *said, const char *bytes, size_t n, bool raw)
{
    autostr struct str quoted = {0}, plain = {0};

    if (raw) {
        str_add(&plain, bytes, n);
    } else {
        text_quote(&quoted, bytes, n);
        text_plain(&plain, (struct span){quoted.data + 1, quoted.len - 2}, false);
    }
    must(said->len == plain.len && (!plain.len || !memcmp(said->data, plain.data, plain.len)),
         "%zu bytes were said, %zu came", plain.len, said->len);
}

static void check_written(struct wire *w, const char *bytes, size_t n)
{
    autostr struct str said = {0}, sent = {0};

    for (const char *at = bytes, *end = bytes + n; at < end;) {
        const char *stop = memchr(at, 0xff, (size_t)(end - at));
        size_t part = (size_t)((stop ? stop : end) - at);

        wire_write(w, at, part);
        str_add(&sent, at, part);
        at += part + 1;
    }
    wire_sync(w);
    gather(w, w->form == WIRE_BYTES ? EVENT_BYTES : EVENT_WRITE, &said);
    if (w->form != WIRE_TEXT || sent.len < TEXT_PIECE)
        expect(&said, sent.data ? sent.data : "", sent.len, w->form != WIRE_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum wire_form forms[] = {WIRE_TEXT, WIRE_BASE64, WIRE_BYTES, WIRE_BASE64};
    static struct wire w;
    static bool ready;
    autostr struct str said = {0};
    const char *bytes = (const char *)data + 1;

    if (n < 1)
        return 0;
    if (!ready) {
        int file = memfd_create("wire", MFD_CLOEXEC);

        must(file >= 0 && dup2(file, 0) == 0, "no file in memory: %d", errno);
        ready = true;
    }
    w = (struct wire){.line_max = 64u + (data[0] >> 1) * 8u, .form = forms[data[0] & 3]};
    wire_log(&w, "Info", bytes, n - 1);
    gather(&w, EVENT_LOG, &said);
    expect(&said, bytes, n - 1, false);
    check_written(&w, bytes, n - 1);
    return 0;
}
