/* Matching, counted in steps. Pattern and subject are hostile, and PCRE2 does not report how long
 * it took. Most texts are short and most patterns simple: these are tried first, with so few
 * matcher calls that the steps charged in advance cover the worst case. The rest is matched by code
 * that calls back at each item of the pattern, where the work since the last one is counted. */
#include "runtime/json/schema/pattern.h"
#include "runtime/json/schema/run.h"

#define SHORT_SUBJECT 256 /* bytes */
#define QUICK_CALLS \
    64u /* matcher calls for a short subject: at one position or, roughly, at all of them */
#define QUICK_STEPS  8
#define BYTES_A_STEP 8

struct matching {
    struct run *run;
    const struct pattern *pattern;
    size_t last; /* position in the subject where the last item began */
};

static int match_count(pcre2_callout_block *b, void *data)
{
    struct matching *m = data;
    size_t at = b->current_position, moved = at > m->last ? at - m->last : 0;
    size_t left = b->subject_length - at;

    m->last = at;
    moved += left < m->pattern->reach ? left : m->pattern->reach;
    return run_steps(m->run, 1 + moved / BYTES_A_STEP) ? 0 : PCRE2_ERROR_CALLOUT;
}

static int match_try(struct run *run, const struct pattern *p, const pcre2_code *code,
                     const char *text, size_t n, uint32_t calls)
{
    struct scratch *s = run->scratch;
    struct matching m = {run, p, 0};

    if (!s->data)
        s->data = pcre2_match_data_create(1, s->general);
    if (!s->data)
        return PCRE2_ERROR_NOMEMORY;
    pcre2_set_match_limit(s->context, calls);
    pcre2_set_callout(s->context, code == p->counts ? match_count : NULL, &m);
    /* json_check() found the text valid UTF-8: PCRE2 need not check again. */
    return pcre2_match(code, (PCRE2_SPTR)text, n, 0, PCRE2_NO_UTF_CHECK, s->data, s->context);
}

/* Every item is counted, so the number of calls needs no limit. */
static int match_counted(struct run *run, struct pattern *p, const char *text, size_t n)
{
    struct scratch *s = run->scratch;
    size_t offset;
    int error;

    if (!p->counts) {
        p->counts = pattern_code(s, p->text, PCRE2_AUTO_CALLOUT, &error, &offset);
        if (!p->counts)
            return error;
        p->next = s->counted;
        s->counted = p;
    }
    if (!run_steps(run, n / BYTES_A_STEP / 4)) /* PCRE2 may first search for a letter */
        return PCRE2_ERROR_CALLOUT;
    return match_try(run, p, p->counts, text, n, UINT32_MAX);
}

/* The call limit applies to each position: pcre2_match() restarts its count there. */
static int match_quick(struct run *run, const struct pattern *p, const char *text, size_t n)
{
    size_t steps = QUICK_STEPS + (p->anchored ? n / 2 : 2 * n);

    if (!run_steps(run, steps))
        return PCRE2_ERROR_CALLOUT;
    return match_try(run, p, p->code, text, n,
                     p->anchored ? QUICK_CALLS : 2 + QUICK_CALLS / (uint32_t)(n + 1));
}

int pattern_match(struct run *run, struct pattern *p, const char *text, size_t n)
{
    struct scratch *s = run->scratch;
    int r = PCRE2_ERROR_MATCHLIMIT;

    s->meter = run->meter;
    if (n <= SHORT_SUBJECT)
        r = match_quick(run, p, text, n);
    if (r == PCRE2_ERROR_MATCHLIMIT)
        r = match_counted(run, p, text, n);
    if (run->spent)
        return -1;
    if (r >= 0 || r == PCRE2_ERROR_NOMATCH)
        return r >= 0;
    if (s->refused || run->meter->spent)
        run->spent = spent_meter;
    else
        run->spent = r == PCRE2_ERROR_NOMEMORY ? spent_memory : "matching a pattern takes too long";
    return -1;
}
