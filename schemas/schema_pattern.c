/* Regular expressions of schemas, by PCRE2 with the options nearest to ECMA-262. Both pattern and
 * subject are hostile: the pattern's size, the matcher's calls and memory, and the CPU time of all
 * matches of a validation are bounded; no JIT, whose limits are coarser and which needs executable
 * memory. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schemas/schema_regex.h"
#include "schemas/schema_run.h"

#define PATTERN_MAX   4096       /* bytes of a pattern */
#define NEST_MAX      100        /* parentheses inside one another */
#define WORK_MAX      (1u << 28) /* at one place: the matcher's calls times the subject's bytes */
#define CALLS_MAX     100000u    /* the matcher's calls at one place of the subject */
#define CALLS_QUICK   2000u   /* the same where all places of a short subject are tried at once */
#define DEPTH_MAX     100000u /* how deep the calls may nest */
#define HEAP_MAX      8192u   /* KiB of backtracking frames */
#define CPU_MAX       1000000000ll /* ns of CPU time for all matches of a validation */
#define SLICE         1000000ll    /* ns after which a search looks at the clock more often */
#define CLOCK_EVERY   16u          /* short matches between two looks at the clock */
#define SHORT_SUBJECT 256u         /* bytes */

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    bool anchored; /* matches at the subject's beginning or nowhere */
};

void pattern_free(struct pattern *p)
{
    if (!p)
        return;
    pcre2_code_free(p->code);
    pcre2_match_data_free(p->data);
    pcre2_match_context_free(p->context);
    free(p);
}

static pcre2_code *compile(const char *text, size_t n, int *error, size_t *offset)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code;

    if (!context) {
        *error = PCRE2_ERROR_NOMEMORY;
        return NULL;
    }
    pcre2_set_max_pattern_length(context, PATTERN_MAX);
    pcre2_set_parens_nest_limit(context, NEST_MAX);
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    code = pcre2_compile((PCRE2_SPTR)text, n,
                         PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_UNSET_BACKREF |
                             PCRE2_ALLOW_EMPTY_CLASS | PCRE2_USE_OFFSET_LIMIT,
                         error, offset, context);
    pcre2_compile_context_free(context);
    return code;
}

struct pattern *pattern_compile(const char *text, const struct path *at, struct findings *f)
{
    struct pattern *p = calloc(1, sizeof *p);
    autostr struct str converted = {0};
    char foreign = regex_convert(text, &converted), reason[128], shown[BRIEF];
    uint32_t options = 0;
    size_t offset = 0;
    int error = 0;

    if (!p || converted.failed) {
        free(p);
        f->no_memory = true;
        return NULL;
    }
    if (foreign) {
        findings_add(f, at, NULL, false,
                     "%s is not a regular expression: \\%c is no escape of ECMA-262",
                     brief_text(text, shown), foreign);
        pattern_free(p);
        return NULL;
    }
    p->code = compile(converted.data, converted.len, &error, &offset);
    if (!p->code && (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED)) {
        pattern_free(p);
        f->no_memory = true;
        return NULL;
    }
    if (!p->code) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
        findings_add(f, at, NULL, false, "%s is not a regular expression: %s (at byte %zu)",
                     brief_text(text, shown), reason, offset);
        pattern_free(p);
        return NULL;
    }
    p->data = pcre2_match_data_create(1, NULL);
    p->context = pcre2_match_context_create(NULL);
    if (!p->data || !p->context) {
        f->no_memory = true;
        pattern_free(p);
        return NULL;
    }
    pcre2_pattern_info(p->code, PCRE2_INFO_ALLOPTIONS, &options);
    p->anchored = options & PCRE2_ANCHORED;
    pcre2_set_depth_limit(p->context, DEPTH_MAX);
    pcre2_set_heap_limit(p->context, HEAP_MAX);
    return p;
}

/* This thread's CPU time, in ns; gives the run up where its end is reached. */
static int64_t look_at_clock(struct run *run)
{
    struct timespec now;
    int64_t ns;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (run->cpu_end == 0)
        run->cpu_end = ns + CPU_MAX;
    if (ns >= run->cpu_end)
        run->spent = "its patterns take too much time";
    return ns;
}

/* Try the places FROM to TO. The match limit holds for each place by itself (pcre2_match() begins to count
 * anew); the text is UTF-8 by json_check(), so that PCRE2 need not look again. */
static int try_places(const struct pattern *p, const char *text, size_t n, size_t from, size_t to,
                      uint32_t calls)
{
    pcre2_set_match_limit(p->context, calls);
    pcre2_set_offset_limit(p->context, to);
    return pcre2_match(p->code, (PCRE2_SPTR)text, n, from, PCRE2_NO_UTF_CHECK, p->data, p->context);
}

/* Try every place, few at first, twice as many while that is quick, with a look at the clock in between: a
 * search can be quadratic without any backtracking. */
static int search(struct run *run, const struct pattern *p, const char *text, size_t n,
                  uint32_t calls)
{
    size_t from = 0, step = 16;
    int64_t before = look_at_clock(run), now;
    int r = PCRE2_ERROR_NOMATCH;

    while (from <= n && r == PCRE2_ERROR_NOMATCH && !run->spent) {
        size_t to = n - from > step ? from + step : n;

        r = try_places(p, text, n, from, to, calls);
        for (from = to + 1; from < n && (text[from] & 0xc0) == 0x80;)
            from++; /* the next whole character */
        now = look_at_clock(run);
        if (now - before < SLICE)
            step *= 2;
        else if (step > 1)
            step /= 2;
        before = now;
    }
    return r;
}

int pattern_match(struct run *run, const struct pattern *p, const char *text, size_t n)
{
    uint32_t calls = n <= WORK_MAX / CALLS_MAX ? CALLS_MAX : 1 + (uint32_t)(WORK_MAX / n);
    int r = PCRE2_ERROR_MATCHLIMIT;

    if (n > SHORT_SUBJECT || run->matches++ % CLOCK_EVERY == 0)
        look_at_clock(run);
    if (run->spent)
        return -1;
    if (p->anchored)
        r = try_places(p, text, n, 0, n, calls);
    else if (n <= SHORT_SUBJECT)
        r = try_places(p, text, n, 0, n, CALLS_QUICK);
    if (r == PCRE2_ERROR_MATCHLIMIT && !p->anchored)
        r = search(run, p, text, n, calls);
    if (run->spent)
        return -1;
    if (r >= 0 || r == PCRE2_ERROR_NOMATCH)
        return r >= 0;
    run->spent = r == PCRE2_ERROR_NOMEMORY ? spent_memory : "a pattern costs too much to match";
    return -1;
}
