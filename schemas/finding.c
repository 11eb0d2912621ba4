/* The list of findings: bounded, in document order, owning its texts. Trusts nothing about the
 * texts it is given but that they are NUL-terminated; never prints. */
#include "schemas/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"

#define FIRST_CAP 8

void path_print(const struct path *path, struct str *out)
{
    if (!path) {
        str_reserve(out, 0); /* so that even "" is a text */
        str_add(out, "", 0);
        return;
    }
    path_print(path->up, out);
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

void findings_free(struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->item[i].pointer);
        free(f->item[i].schema);
        free(f->item[i].message);
    }
    free(f->item);
    *f = (struct findings){0};
}

bool findings_any(const struct findings *f)
{
    return f->count || f->no_memory;
}

/* Room for one more. 0 or -1. */
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

void findings_add(struct findings *f, const struct path *path, const char *schema, bool of_name,
                  const char *fmt, ...)
{
    struct str pointer = {0};
    char *message = NULL, *keyword;
    va_list ap;
    int n;

    if (f->count >= FINDINGS_MAX) {
        f->more++;
        return;
    }
    path_print(path, &pointer);
    keyword = strdup(schema ? schema : "");
    va_start(ap, fmt);
    n = vasprintf(&message, fmt, ap);
    va_end(ap);
    if (pointer.failed || !keyword || n < 0 || findings_grow(f) < 0) {
        str_free(&pointer);
        free(keyword);
        if (n >= 0)
            free(message);
        f->no_memory = true;
        return;
    }
    f->item[f->count++] = (struct finding){
        .pointer = pointer.data, .schema = keyword, .message = message, .of_name = of_name};
}

/* Insertion sort keeps what stands at one place in the order it was found; there are at most 100.
 */
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

void findings_locate(struct findings *f, const char *text, size_t n)
{
    for (size_t i = 0; i < f->count; i++) {
        struct finding *one = &f->item[i];

        if (one->place.line == 0)
            one->place = json_locate(text, n, one->pointer, one->of_name);
    }
    findings_sort(f);
}

int findings_fault(const struct findings *f, const char *where, struct fault *why)
{
    const struct finding *one = f->item;
    char place[sizeof why->where];

    if (!f->count)
        return fault_set(why, STATUS_SETUP, 0, where, "not enough memory to check it");
    if (one->place.line)
        snprintf(place, sizeof place, "%s:%u:%u", where, one->place.line, one->place.column);
    else
        snprintf(place, sizeof place, "%s", where);
    return fault_set(why, STATUS_INVALID, 0, place, "%s%s%s", one->pointer,
                     *one->pointer ? ": " : "", one->message);
}
