/* Regular expressions of schemas, by PCRE2 with the options nearest to ECMA-262. Both pattern and
 * subject are hostile: the pattern's size, the matcher's calls and memory, and the CPU time of all
 * matches of a validation are bounded; no JIT, whose limits are coarser and which needs executable
 * memory. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schemas/schema_node.h"

#define PATTERN_MAX   4096         /* bytes of a pattern */
#define NEST_MAX      100          /* parentheses inside one another */
#define WORK_MAX      (1u << 28)   /* of one match: the matcher's calls times the subject's bytes */
#define CALLS_MAX     100000u      /* the matcher's calls in one match */
#define DEPTH_MAX     100000u      /* and how deep they may nest */
#define HEAP_MAX      8192u        /* KiB of backtracking frames */
#define CPU_MAX       1000000000ll /* ns of CPU time for all matches of a validation */
#define CLOCK_EVERY   16u          /* short matches between two looks at the clock */
#define SHORT_SUBJECT 256u         /* bytes */

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
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
    code =
        pcre2_compile((PCRE2_SPTR)text, n,
                      PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                          PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS,
                      error, offset, context);
    pcre2_compile_context_free(context);
    return code;
}

struct pattern *pattern_compile(const char *text, const struct path *at, struct findings *f)
{
    struct pattern *p = calloc(1, sizeof *p);
    char reason[128], shown[BRIEF];
    size_t offset = 0;
    int error = 0;

    if (!p) {
        f->no_memory = true;
        return NULL;
    }
    p->code = compile(text, strlen(text), &error, &offset);
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
    pcre2_set_depth_limit(p->context, DEPTH_MAX);
    pcre2_set_heap_limit(p->context, HEAP_MAX);
    return p;
}

/* The CPU time of this thread has not reached the run's end. */
static bool in_time(struct run *run, size_t n)
{
    struct timespec now;
    int64_t ns;

    if (run->matches++ % CLOCK_EVERY && n <= SHORT_SUBJECT)
        return true;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (run->cpu_end == 0)
        run->cpu_end = ns + CPU_MAX;
    return ns < run->cpu_end;
}

int pattern_match(struct run *run, const struct pattern *p, const char *text, size_t n)
{
    uint32_t calls = n <= WORK_MAX / CALLS_MAX ? CALLS_MAX : 1 + (uint32_t)(WORK_MAX / n);
    int r;

    if (run->spent)
        return -1;
    if (!in_time(run, n)) {
        run->spent = "its patterns take too much time";
        return -1;
    }
    pcre2_set_match_limit(p->context, calls);
    r = pcre2_match(p->code, (PCRE2_SPTR)text, n, 0, 0, p->data, p->context);
    if (r >= 0)
        return 1;
    if (r == PCRE2_ERROR_NOMATCH)
        return 0;
    run->spent = r == PCRE2_ERROR_NOMEMORY ? "there is not enough memory to match a pattern"
                                           : "a pattern costs too much to match";
    return -1;
}
