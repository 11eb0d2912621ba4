/* What a box may say while a bundle's sources are looked at, runtime/monitor/lint.c: it is taken as it was
 * said, or not at all. Texts are ended by '\n'. */
#include "runtime/monitor/lint.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/str.h"
#include "tests/fuzz/judge/judge.h"

static struct bundle_file files[] = {
    {.path = "README.md"}, {.path = "a.lua"}, {.path = "lib/b.lua"}};
static const struct bundle bundle = {.path = "b", .files = files, .count = 3};

/* Of the line that begins a source nothing is kept but which source it is. */
static void check_begun(const struct lint *l, size_t before, const char *text)
{
    unsigned source = 0;

    must(l->count == before, "begun, and taken: %s", text);
    must(sscanf(text, "B %u ", &source) == 1 && source < 2, "of what shape is %s", text);
    must(l->last == &files[source + 1], "another is begun: %s", text);
}

/* What was kept says the line again. The source is kept where there is a line, and always for a syntax error. */
static void check_taken(const struct lint_finding *one, const char *text)
{
    unsigned source = 0, line = 0;
    char kind = 0;
    int at = 0;

    must(sscanf(text, "%c %u %u%n", &kind, &source, &line, &at) == 3, "of what shape is %s", text);
    must(one->kind == kind && one->line == line && source < 2 && line <= 999999999,
         "taken as another: %s", text);
    must(one->file == (line || kind == 'S' ? &files[source + 1] : NULL), "of another file: %s",
         text);
    must(text[at] == ' ' && strcmp(one->text, text + at + 1) == 0, "another text: %s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *at = (const char *)data, *end = at + n;
    struct lint l = {0};

    while (at < end && !memchr(data, '\0', n)) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        autostr struct str text = {0};
        size_t before = l.count;

        stop = stop ? stop : end;
        str_add(&text, at, (size_t)(stop - at));
        str_add(&text, "", 0);
        at = stop + 1;
        if (!text.data)
            continue;
        if (!lint_line(&l, &bundle, text.data))
            must(l.count == before, "refused, and taken: %s", text.data);
        else if (text.data[0] == 'B')
            check_begun(&l, before, text.data);
        else if (l.count > before)
            check_taken(&l.item[before], text.data);
        else
            must(l.count == LINT_MAX && l.more, "neither refused nor taken: %s", text.data);
    }
    lint_free(&l);
    return 0;
}
