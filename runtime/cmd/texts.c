/* Reading whole documents and printing whole answers: a full disk or a closed pipe is noticed, and
 * text from a document is made visible. */
#include "runtime/cmd/texts.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/cmd/cmd.h"
#include "runtime/json/json.h"
#include "runtime/wire/text.h"

#define PIECE 65536

int text_read(int fd, const char *path, size_t max, struct str *out, struct fault *why)
{
    size_t before = out->len;
    ssize_t n = fd < 0 ? -1 : 1;

    while (n > 0 && out->len - before <= max) {
        if (str_reserve(out, PIECE) < 0)
            return fault_set(why, STATUS_SETUP, ENOMEM, path, "reading");
        poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1); /* a FIFO without a writer yet */
        n = read(fd, out->data + out->len, PIECE);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            n = 1;
        else
            out->len += n > 0 ? (size_t)n : 0;
    }
    if (n < 0)
        return fault_set(why, STATUS_INVALID, errno, path, "reading");
    if (n > 0)
        return fault_set(why, STATUS_INVALID, 0, path, "larger than %zu bytes", max);
    return 0;
}

int text_print(const struct str *text)
{
    struct fault why;

    if (!text->failed && (!text->len || fwrite(text->data, 1, text->len, stdout) == text->len) &&
        fflush(stdout) == 0)
        return 0;
    fault_set(&why, STATUS_SETUP, text->failed ? ENOMEM : errno, "stdout", "writing");
    return cmd_fault(&why);
}

int text_json(const char *text, size_t n, struct meter *m, struct json_object **value,
              struct findings *f)
{
    struct json_error e;

    if (json_read(text, n, m, value, &e) == 0)
        return 0;
    findings_unread(f, text, n, &e);
    return -1;
}

void text_member(struct str *out, const char *name, const char *text)
{
    str_addf(out, "\"%s\":", name);
    text_quote(out, text, strlen(text));
}

struct lines {
    struct str *out;
    const char *where;
};

static bool add_finding(void *of, const struct finding *one, const char *label)
{
    const struct lines *l = of;
    autostr struct str line = {0}, message = {0};
    struct finding shown = *one;

    if (!*one->message)
        return true;
    str_addf(&message, "%s%s", label, one->message);
    shown.message = message.data;
    if (message.failed)
        return false;
    finding_print(&shown, l->where, &line);
    if (line.failed)
        return false;
    text_line(l->out, line.data, line.len);
    str_addc(l->out, '\n');
    return true;
}

void text_findings(struct str *out, const struct findings *f, const char *where)
{
    struct lines l = {out, where};

    for (size_t i = 0; i < f->count; i++)
        if (!finding_walk(&f->item[i], "", add_finding, &l))
            out->failed = true;
    if (f->more) {
        text_line(out, where, strlen(where));
        str_addf(out, ": and %zu more\n", f->more);
    }
    if (f->no_memory)
        out->failed = true;
}
