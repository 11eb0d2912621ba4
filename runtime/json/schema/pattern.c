/* The regular expressions of schemas: their memory, and what is said about those that are none. */
#include "runtime/json/schema/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/brief.h"
#include "runtime/json/schema/schema.h"

#define PATTERN_MAX   4096  /* bytes of a pattern */
#define SCRATCH_KEPT  65536 /* bytes for matching that a schema may keep between validations */
#define COMPILE_STEPS 100

bool scratch_steps(struct scratch *s, uint64_t n)
{
    return !s->meter || meter_steps(s->meter, n);
}

void *scratch_resize(struct scratch *s, void *old, size_t had, size_t size)
{
    void *p = NULL;

    if (size > had && s->meter && !meter_bytes(s->meter, size - had)) {
        s->refused = true;
        return NULL;
    }
    if (size) {
        p = realloc(old, size);
        if (!p)
            return NULL;
    } else {
        free(old);
    }
    s->held += size - had;
    if (size < had && s->meter)
        meter_give(s->meter, had - size);
    return p;
}

struct scratch *scratch_new(void)
{
    return calloc(1, sizeof(struct scratch));
}

static void free_matching(struct scratch *s)
{
    scratch_resize(s, s->stack, s->stack_size, 0);
    scratch_resize(s, s->regs, s->regs_size, 0);
    s->stack = NULL;
    s->regs = NULL;
    s->stack_size = s->regs_size = 0;
}

void scratch_free(struct scratch *s)
{
    if (!s)
        return;
    s->meter = NULL;
    free_matching(s);
    free(s);
}

void scratch_reset(struct scratch *s)
{
    if (s->stack_size + s->regs_size > SCRATCH_KEPT)
        free_matching(s);
    s->meter = NULL;
    s->refused = false;
}

void pattern_free(struct pattern *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->sets; i++)
        set_free(p->scratch, &p->set[i]);
    scratch_resize(p->scratch, p->set, p->set_cap * sizeof *p->set, 0);
    scratch_resize(p->scratch, p->op, p->op_cap * sizeof *p->op, 0);
    scratch_resize(p->scratch, p, sizeof *p, 0);
}

/* Without a reason, what is missing is memory or budget, and whoever looks at the meter says the latter. */
static void tell_error(struct scratch *s, const struct regex *re, const char *text, size_t n,
                       const struct path *at, struct findings *f)
{
    char shown[BRIEF];

    if (re->what)
        findings_add(f, at, NULL, false, "%s is not a valid regular expression: %s (at byte %zu)",
                     brief_bytes(text, n, shown), re->what, (size_t)(re->where - text));
    else if (!s->refused && !(s->meter && s->meter->spent))
        f->no_memory = true;
}

static bool compile(struct pattern *p, struct regex *re, const char *text, size_t n)
{
    if (!scratch_steps(re->scratch, COMPILE_STEPS))
        return false;
    if (n > PATTERN_MAX)
        return regex_wrong(re, text + PATTERN_MAX, "it is longer than 4096 bytes");
    return regex_parse(re, text, n) && program_make(p, re);
}

struct pattern *pattern_compile(struct scratch *s, const char *text, size_t n,
                                const struct path *at, struct findings *f)
{
    struct regex re = {.scratch = s};
    struct pattern *p = scratch_resize(s, NULL, 0, sizeof *p);
    bool good;

    if (p)
        *p = (struct pattern){.scratch = s};
    good = p && compile(p, &re, text, n);
    regex_free(&re);
    if (good)
        return p;
    pattern_free(p);
    tell_error(s, &re, text, n, at, f);
    return NULL;
}
