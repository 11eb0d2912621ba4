/* What a box may say while its sources are looked at: one shape, and nothing near it. */
#include "runtime/monitor/lint.h"

#include <string.h>

#include "tests/unit/tap.h"

static struct bundle_file files[] = {
    {.path = "README.md"}, {.path = "a.lua"}, {.path = "lib/b.lua"}};
static const struct bundle bundle = {.path = "b", .files = files, .count = 3};

static void accepts(void)
{
    struct lint l = {0};

    ok(lint_line(&l, &bundle, "S 0 12 'end' expected") && l.count == 1, "a syntax error");
    ok(l.item[0].kind == 'S' && l.item[0].file == &files[1] && l.item[0].line == 12 &&
           strcmp(l.item[0].text, "'end' expected") == 0,
       "its file is the first source, not the first file");
    ok(lint_line(&l, &bundle, "G 1 1 x") && l.item[1].file == &files[2], "the second source");
    ok(lint_line(&l, &bundle, "E 0 0 run") && !l.item[2].file, "line 0: of no file");
    ok(lint_line(&l, &bundle, "C 1 999999999 ") && !*l.item[3].text, "an empty text");
    ok(lint_line(&l, &bundle, "M 0 1 no module") && l.item[4].kind == 'M', "of box.std");
    ok(lint_line(&l, &bundle, "P 0 1 path") && l.item[5].kind == 'P', "of package");
    ok(lint_line(&l, &bundle, "X 0 0 add") && l.item[6].kind == 'X', "an export");
    lint_free(&l);
    ok(!l.item && !l.count, "freed");
}

static void refuses(void)
{
    static const char *const lines[] = {
        "",
        "S",
        "S ",
        "S 0",
        "S 0 1",
        "Z 0 1 a",
        "s 0 1 a",
        "S  0 1 a",
        "S 2 1 a",
        "S -1 1 a",
        "S 0 -1 a",
        "S +0 1 a",
        "S 0x0 1 a",
        "S 0 1000000000 a",
        "S 4294967296 1 a",
        "S 0\t1 a",
        " S 0 1 a",
        "SS 0 1 a",
    };
    struct lint l = {0};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ok(!lint_line(&l, &bundle, lines[i]) && !l.count, "refused: \"%s\"", lines[i]);
    lint_free(&l);
}

static void counts(void)
{
    struct lint l = {0};
    bool all = true;

    for (int i = 0; i < LINT_MAX + 7; i++)
        all &= lint_line(&l, &bundle, "G 0 1 x");
    ok(all && l.count == LINT_MAX && l.more == 7, "beyond %d they are only counted", LINT_MAX);
    lint_free(&l);
}

int main(void)
{
    accepts();
    refuses();
    counts();
    return done();
}
