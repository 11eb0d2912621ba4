/* What a hostile box noted or sent about where it was. It decides nothing: it is quoted as the
 * box's claim, and only if it names an existing line of the bundle. */
#include "runtime/monitor/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/bundle.h"
#include "runtime/jail/box.h"
#include "schemas/setup.h"

static unsigned long lines_of(const struct bundle_file *f)
{
    unsigned long lines = 1;

    for (size_t i = 0; i < f->size; i++)
        lines += f->bytes[i] == '\n';
    return lines;
}

/* Whether TEXT is PATH:LINE of a source of B. */
static int is_line_of(const struct bundle *b, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0, path;
    unsigned long line;

    if (digits < 1 || digits > 9 || colon[1 + digits] || colon[1] == '0')
        return 0;
    path = (size_t)(colon - text);
    line = strtoul(colon + 1, NULL, 10);
    for (size_t i = 0; i < b->count; i++) {
        const struct bundle_file *f = &b->files[i];

        if (strlen(f->path) == path && memcmp(f->path, text, path) == 0 &&
            bundle_is_source(f->path))
            return line <= lines_of(f);
    }
    return 0;
}

void where_said(const struct box *box, char *out, size_t size)
{
    out[0] = '\0';
    if (box->bundle && is_line_of(box->bundle, box->noted))
        snprintf(out, size, " (files were last used at %s, says the box)", box->noted);
}

void where_deep(const struct box *box, const char *text, char *out, size_t size)
{
    static const char head[] = "the stack was ", tail[] = " calls deep at ";
    size_t digits;
    const char *at = text + sizeof head - 1;

    out[0] = '\0';
    if (strncmp(text, head, sizeof head - 1) != 0 || !box->bundle)
        return;
    digits = strspn(at, "0123456789");
    if (digits < 1 || digits > 9 || strncmp(at + digits, tail, sizeof tail - 1) != 0)
        return;
    if (is_line_of(box->bundle, at + digits + sizeof tail - 1))
        snprintf(out, size, "; %s", text);
}
