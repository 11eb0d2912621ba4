/* The list of findings: bounded, in document order, owner of its texts. Trusts only that the texts
 * it is given are NUL-terminated; never prints. */
#include "runtime/json/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/brief.h"

#define FIRST_CAP 8

void path_print_below(const struct path *path, const struct path *top, struct str *out)
{
    if (path == top || !path) {
        str_reserve(out, 0); /* so that .data is never NULL */
        str_add(out, "", 0);
        return;
    }
    path_print_below(path->up, top, out);
    str_addc(out, '/');
    if (!path->name) {
        str_addf(out, "%zu", path->index);
        return;
    }
    for (const char *at = path->name; *at; at++) {
        if (*at == '~' || *at == '/')
            str_adds(out, *at == '~' ? "~0" : "~1");
        else
            str_addc(out, *at);
    }
}

void path_print(const struct path *path, struct str *out)
{
    path_print_below(path, NULL, out);
}

/* OUTER counts them no longer. Recursion is bounded: lists nest to EXPLAIN_DEPTH. */
static void free_items(struct findings *f, struct findings *outer)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *one = &f->item[i];

        if (outer)
            outer->deep_bytes -= one->bytes;
        free(one->pointer);
        free(one->schema);
        free(one->message);
        free(one->way);
        free(one->absolute);
        if (one->within)
            free_items(one->within, outer);
        free(one->within);
    }
    if (outer)
        outer->deep -= f->count;
    free(f->item);
    *f = (struct findings){0};
}

void findings_free(struct findings *f)
{
    free_items(f, f->outer);
}

bool findings_any(const struct findings *f)
{
    return f->count || f->more || f->no_memory || f->stopped;
}

bool findings_full(struct findings *f)
{
    bool full = f->outer ? f->count >= FINDINGS_INNER || f->outer->deep >= FINDINGS_DEEP ||
                               f->outer->deep_bytes >= FINDINGS_BYTES
                         : f->count >= FINDINGS_MAX || f->bytes >= FINDINGS_BYTES;

    f->more += full;
    return full;
}

/* Make room for one more. 0 or -1. */
static int findings_grow(struct findings *f)
{
    struct finding *item;

    if (f->count && (f->count < FIRST_CAP || (f->count & (f->count - 1))))
        return 0; /* the capacity is FIRST_CAP, then the next power of two */
    item = reallocarray(f->item, f->count ? f->count * 2 : FIRST_CAP, sizeof *item);
    if (!item)
        return -1;
    f->item = item;
    return 0;
}

/* N more bytes are the last finding's. */
static void add_bytes(struct findings *f, size_t n)
{
    f->item[f->count - 1].bytes += n;
    *(f->outer ? &f->outer->deep_bytes : &f->bytes) += n;
}

void findings_add(struct findings *f, const struct path *path, const char *schema, bool of_name,
                  const char *fmt, ...)
{
    struct str pointer = {0}, shown = {0};
    autofree char *message = NULL;
    char *keyword;
    va_list ap;
    int n;

    if (findings_full(f))
        return;
    path_print(path, &pointer);
    keyword = strdup(schema ? schema : "");
    va_start(ap, fmt);
    n = vasprintf(&message, fmt, ap);
    va_end(ap);
    if (n < 0)
        message = NULL;
    visible_add(&shown, message ? message : "");
    if (pointer.failed || !keyword || n < 0 || shown.failed || findings_grow(f) < 0) {
        str_free(&pointer);
        str_free(&shown);
        free(keyword);
        f->no_memory = true;
        return;
    }
    if (f->outer)
        f->outer->deep++;
    f->item[f->count++] = (struct finding){
        .pointer = pointer.data, .schema = keyword, .message = shown.data, .of_name = of_name};
    add_bytes(f, pointer.cap + shown.cap + strlen(keyword));
}

void findings_set_way(struct findings *f, struct str *way, struct str *absolute)
{
    struct finding *one = &f->item[f->count - 1];

    f->no_memory |= way->failed || absolute->failed;
    one->way = way->data;
    one->absolute = absolute->data;
    add_bytes(f, way->cap + absolute->cap);
    *way = *absolute = (struct str){0};
}

void findings_unread(struct findings *f, const char *text, size_t n, const struct json_error *e)
{
    autostr struct str what = {0};
    struct str pointer = {0};

    if (e->spent == METER_STOPPED) {
        f->stopped = true;
        return;
    }
    if (!e->what) {
        f->no_memory = true;
        return;
    }
    json_error_add(text, n, e, &what);
    findings_add(f, NULL, NULL, false, e->spent ? "too large: %s" : "%s",
                 what.failed ? e->what : what.data);
    if (!f->count)
        return;
    f->item[f->count - 1].place = json_place(text, n, e->offset);
    if (!e->spent)
        return;
    json_pointer_at(text, n, e->offset, &pointer);
    if (!pointer.failed) {
        free(f->item[f->count - 1].pointer);
        f->item[f->count - 1].pointer = pointer.data;
    }
}

/* Insertion sort: keeps the order of findings at one place; there are at most 100. */
static void findings_sort(struct findings *f)
{
    for (size_t i = 1; i < f->count; i++) {
        struct finding one = f->item[i];
        size_t to = i;

        for (; to > 0; to--) {
            const struct json_place *before = &f->item[to - 1].place;

            if (before->line < one.place.line ||
                (before->line == one.place.line && before->column <= one.place.column))
                break;
            f->item[to] = f->item[to - 1];
        }
        f->item[to] = one;
    }
}

static void locate_all(struct findings *f, struct json_locator *l)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *one = &f->item[i];

        if (one->place.line == 0)
            one->place = json_locator_find(l, one->pointer, one->of_name);
        if (one->within)
            locate_all(one->within, l);
    }
    if (f->count && !f->item[0].alternative) /* the nearest stays first */
        findings_sort(f);
}

void findings_locate(struct findings *f, const char *text, size_t n)
{
    struct json_locator l = {.text = text, .n = n};

    locate_all(f, &l);
}

void findings_hint(struct findings *f, const char *hint)
{
    struct str longer = {0};

    if (!f->count)
        return;
    str_addf(&longer, "%s: %s", f->item[0].message, hint);
    if (longer.failed) {
        str_free(&longer);
        f->no_memory = true;
        return;
    }
    free(f->item[0].message);
    f->item[0].message = longer.data;
}

struct findings findings_inner(struct findings *f)
{
    return (struct findings){.outer = f->outer ? f->outer : f};
}

void findings_move(struct findings *f, struct findings *from)
{
    if (!from->count)
        return;
    if (findings_grow(f) < 0) {
        f->no_memory = true;
        return;
    }
    f->item[f->count++] = from->item[0];
    for (size_t i = 1; i < from->count; i++)
        from->item[i - 1] = from->item[i];
    from->count--;
}

void findings_put_within(struct findings *f, struct findings *list)
{
    struct findings *kept = malloc(sizeof *kept);

    f->no_memory |= list->no_memory || !kept;
    f->stopped |= list->stopped;
    if (!kept) {
        findings_free(list);
        return;
    }
    list->outer = NULL;
    *kept = *list;
    f->item[f->count - 1].within = kept;
    *list = (struct findings){0};
}

void findings_shift(struct findings *f, unsigned n)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *one = &f->item[i];

        if (one->place.line)
            one->place.line += n;
        if (one->within)
            findings_shift(one->within, n);
    }
}
