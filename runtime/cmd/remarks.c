/* The list behind `runbox check`. Texts come from the bundle and are untrusted: they are made
 * visible when printed. */
#include "runtime/cmd/remarks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/path.h"
#include "runtime/cmd/texts.h"
#include "runtime/wire/text.h"

void remarks_free(struct remarks *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->item[i].file);
        free(r->item[i].pointer);
        free(r->item[i].message);
    }
    free(r->item);
    *r = (struct remarks){0};
}

static struct remark *cmd_remarks_add(struct remarks *r)
{
    struct remark *item = reallocarray(r->item, r->count + 1, sizeof *item);

    if (!item)
        return NULL;
    r->item = item;
    return &item[r->count];
}

void remarks_add(struct remarks *r, bool error, const char *dir, const char *file,
                 struct json_place place, const char *pointer, const char *fmt, ...)
{
    struct remark *one = r->no_memory ? NULL : cmd_remarks_add(r);
    struct str where = {0};
    size_t n = path_length(dir);
    va_list ap;

    r->errors += error;
    if (!one) {
        r->no_memory = true;
        return;
    }
    str_add(&where, dir, n);
    if (file)
        str_addf(&where, "%s%s", n == 1 && *dir == '/' ? "" : "/", file);
    *one = (struct remark){
        .error = error, .place = place, .file = where.data, .pointer = strdup(pointer)};
    va_start(ap, fmt);
    if (vasprintf(&one->message, fmt, ap) < 0)
        one->message = NULL;
    va_end(ap);
    if (!where.failed && one->pointer && one->message) {
        r->count++;
        return;
    }
    free(one->file);
    free(one->pointer);
    free(one->message);
    r->no_memory = true;
}

struct remarking {
    struct remarks *r;
    bool error;
    const char *dir, *file;
};

static bool remark_finding(void *of, const struct finding *one, const char *label)
{
    const struct remarking *m = of;

    if (*one->message)
        remarks_add(m->r, m->error, m->dir, m->file, one->place, one->pointer, "%s%s", label,
                    one->message);
    return true;
}

void remarks_findings(struct remarks *r, bool error, const char *dir, const char *file,
                      const struct findings *f)
{
    struct remarking m = {r, error, dir, file};

    for (size_t i = 0; i < f->count; i++)
        r->no_memory |= !finding_walk(&f->item[i], "", remark_finding, &m);
    r->more += f->more;
    r->no_memory |= f->no_memory;
}

static int by_place(const struct remark *a, const struct remark *b)
{
    int file = strcmp(a->file, b->file);

    if (file)
        return file;
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line ? -1 : 1;
    return a->place.column < b->place.column ? -1 : a->place.column > b->place.column;
}

/* Insertion sort: stable for remarks at one place, and fast since most are in order. */
void remarks_sort(struct remarks *r)
{
    for (size_t i = 1; i < r->count; i++) {
        struct remark one = r->item[i];
        size_t to = i;

        for (; to > 0 && by_place(&r->item[to - 1], &one) > 0; to--)
            r->item[to] = r->item[to - 1];
        r->item[to] = one;
    }
}

static void add_visible(struct str *out, const char *text)
{
    for (const char *end; *text; text = end) { /* newline and tab are spelt out too */
        end = text + strcspn(text, "\n\t");
        text_visible(out, text, (size_t)(end - text));
        if (*end)
            str_addf(out, "<U+%04X>", (unsigned)*end++);
    }
}

void remarks_text(const struct remarks *r, struct str *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct remark *one = &r->item[i];

        add_visible(out, one->file);
        if (one->place.line)
            str_addf(out, ":%u", one->place.line);
        if (one->place.line && one->place.column)
            str_addf(out, ":%u", one->place.column);
        str_addf(out, ": %s: ", one->error ? "error" : "warning");
        add_visible(out, one->pointer);
        str_adds(out, *one->pointer ? ": " : "");
        add_visible(out, one->message);
        str_addc(out, '\n');
    }
    if (r->more)
        str_addf(out, "and %zu more\n", r->more);
    if (r->no_memory)
        out->failed = true;
}

static void json_list(const struct remarks *r, bool errors, struct str *out)
{
    const char *comma = "";

    str_addf(out, ",\"%s\":[", errors ? "errors" : "warnings");
    for (size_t i = 0; i < r->count; i++) {
        const struct remark *one = &r->item[i];

        if (one->error != errors)
            continue;
        str_addf(out, "%s{", comma);
        text_member(out, "file", one->file);
        str_addf(out, ",\"line\":%u,\"column\":%u,", one->place.line, one->place.column);
        text_member(out, "pointer", one->pointer);
        str_addc(out, ',');
        text_member(out, "message", one->message);
        str_addc(out, '}');
        comma = ",";
    }
    str_addc(out, ']');
}

void remarks_json(const struct remarks *r, const char *bundle, struct str *out)
{
    str_addc(out, '{');
    text_member(out, "bundle", bundle);
    str_addf(out, ",\"valid\":%s", r->errors ? "false" : "true");
    json_list(r, true, out);
    json_list(r, false, out);
    str_addf(out, ",\"more\":%zu}\n", r->more);
    if (r->no_memory)
        out->failed = true;
}
