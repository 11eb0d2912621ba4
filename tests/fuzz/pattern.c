/* Patterns of ECMA-262, runtime/json/schema/regex*.c, program.c and match.c: pattern and subject, each ended by a
 * NUL, are hostile. What compiles says the same with and without a memory of its choices; in a search that it
 * does itself; and, without backreferences, as the machine that keeps captures as the standard has it. */
#include "runtime/json/schema/pattern.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/json/finding.h"
#include "runtime/json/schema/run.h"
#include "runtime/json/utf8.h"
#include "tests/fuzz/judge/judge.h"

#define STEPS UINT64_C(200000) /* of the budget */

static struct meter some(void)
{
    return (struct meter){.steps = METER_STEPS - STEPS};
}

/* NULL: it is refused, with its place, or M is spent. */
static struct pattern *compile(struct scratch *s, struct meter *m, const char *text, size_t n)
{
    struct findings f = {0};
    struct pattern *p;
    size_t held = s->held, at;

    s->meter = m;
    p = pattern_compile(s, text, n, NULL, &f);
    must(p ? !findings_any(&f) : m->spent || f.count == 1,
         "compiled with findings, or refused without");
    if (f.count) {
        const char *place = strstr(f.item[0].message, "(at byte ");

        while (place && strstr(place + 1, "(at byte "))
            place = strstr(place + 1, "(at byte ");
        must(place && sscanf(place, "(at byte %zu)", &at) == 1 && at <= n, "no place: %s",
             f.item[0].message);
    }
    must(p || s->held == held, "%zu bytes of what was refused are kept", s->held - held);
    findings_free(&f);
    scratch_reset(s);
    return p;
}

/* 1, 0, or -1: given up. */
static int match(struct scratch *s, const struct pattern *p, const char *text, size_t n,
                 bool remembers)
{
    struct meter m = some();
    struct run run = {.meter = &m, .scratch = s};
    int result;

    s->remembers = remembers;
    result = pattern_match(&run, p, text, n);
    must((result < 0) == (run.spent != NULL), "given up without a reason");
    scratch_reset(s);
    return result;
}

/* HEAD, N bytes of PATTERN and TAIL say of the subject what the pattern did: WANT. */
static void check_same(struct scratch *s, const char *head, const char *pattern, size_t n,
                       const char *tail, const char *subject, size_t len, int want)
{
    autostr struct str text = {0};
    struct meter m = some();
    struct pattern *p;
    int got;

    str_adds(&text, head);
    str_add(&text, pattern, n);
    str_adds(&text, tail);
    p = compile(s, &m, text.data, text.len);
    if (!p)
        return; /* it is longer, deeper, or has that name */
    got = match(s, p, subject, len, false);
    must(got == want || got < 0, "%s says %d, not %d", text.data, got, want);
    pattern_free(p);
}

static void check(struct scratch *s, const char *pattern, size_t n, const char *subject, size_t len)
{
    struct meter m = some();
    struct pattern *p = compile(s, &m, pattern, n);
    int plain, remembered;
    bool backrefs;

    if (!p)
        return;
    backrefs = p->groups;
    plain = match(s, p, subject, len, false);
    remembered = match(s, p, subject, len, true);
    pattern_free(p);
    must(plain == remembered || plain < 0 || remembered < 0, "%d, with a memory %d", plain,
         remembered);
    if (plain < 0)
        return;
    check_same(s, "^[^]*?(?:", pattern, n, ")", subject, len, plain);
    check_same(s, "(?=", pattern, n, ")", subject, len, plain);
    check_same(s, "^(?![^]*(?!(?!", pattern, n, ")))", subject, len, !plain);
    if (!backrefs)
        check_same(s, "(?:", pattern, n, ")|[](?<zz>)\\k<zz>", subject, len, plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *pattern = (const char *)data, *end = pattern + n,
               *stop = n ? memchr(pattern, '\0', n) : NULL, *subject = stop ? stop + 1 : end;
    autostr struct str text = {0};
    struct scratch *s;

    if (!n || !utf8_valid(pattern, n))
        return 0;
    stop = stop ? stop : end;
    s = scratch_new();
    str_add(&text, pattern, (size_t)(stop - pattern)); /* which a NUL ends, as in a schema */
    check(s, text.data, text.len, subject, (size_t)(end - subject));
    must(s->held == s->stack_size + s->regs_size, "memory is kept: %zu", s->held);
    scratch_free(s);
    return 0;
}
