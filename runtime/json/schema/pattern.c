/* Regular expressions of schemas, by PCRE2 with the options nearest to ECMA-262. Patterns are
 * hostile: their size and nesting are bounded, and all memory of PCRE2 is counted. No JIT: its
 * limits are coarser, and it needs executable memory. */
#include "runtime/json/schema/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/brief.h"
#include "runtime/json/schema/regex.h"
#include "runtime/json/schema/schema.h"

#define PATTERN_MAX   4096   /* bytes of a pattern */
#define NEST_MAX      100    /* nested parentheses */
#define DEPTH_MAX     100000 /* nesting of a match's calls */
#define HEAP_MAX      8192   /* KiB of backtracking frames */
#define SCRATCH_KEPT  65536  /* bytes for matching that a schema may keep between validations */
#define COMPILE_STEPS 100
#define HEADER        16 /* bytes before each block for PCRE2: its size */

/* malloc(3) for PCRE2, if the current meter allows it. */
static void *scratch_take(size_t n, void *data)
{
    struct scratch *s = data;
    char *p;

    if (s->meter && !meter_bytes(s->meter, n + HEADER)) {
        s->refused = true;
        return NULL;
    }
    p = malloc(n + HEADER);
    if (!p)
        return NULL;
    memcpy(p, &n, sizeof n);
    s->held += n + HEADER;
    return p + HEADER;
}

static void scratch_return(void *given, void *data)
{
    struct scratch *s = data;
    size_t n;
    char *p = given;

    if (!p)
        return;
    p -= HEADER;
    memcpy(&n, p, sizeof n);
    s->held -= n + HEADER;
    if (s->meter)
        meter_give(s->meter, n + HEADER);
    free(p);
}

struct scratch *scratch_new(void)
{
    struct scratch *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->general = pcre2_general_context_create(scratch_take, scratch_return, s);
    s->context = s->general ? pcre2_match_context_create(s->general) : NULL;
    if (!s->context) {
        scratch_free(s);
        return NULL;
    }
    pcre2_set_depth_limit(s->context, DEPTH_MAX);
    pcre2_set_heap_limit(s->context, HEAP_MAX);
    return s;
}

void scratch_free(struct scratch *s)
{
    if (!s)
        return;
    s->meter = NULL;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->context);
    pcre2_general_context_free(s->general);
    free(s);
}

void scratch_reset(struct scratch *s)
{
    while (s->counted) {
        struct pattern *p = s->counted;

        s->counted = p->next;
        pcre2_code_free(p->counts);
        p->counts = NULL;
    }
    if (s->held > s->compiled + SCRATCH_KEPT) {
        pcre2_match_data_free(s->data);
        s->data = NULL;
    }
    s->meter = NULL;
    s->refused = false;
}

void pattern_free(struct pattern *p)
{
    if (!p)
        return;
    pcre2_code_free(p->code);
    pcre2_code_free(p->counts);
    free(p);
}

pcre2_code *pattern_code(struct scratch *s, const char *text, uint32_t options, int *error,
                         size_t *offset)
{
    autostr struct str converted = {0};
    pcre2_compile_context *context = pcre2_compile_context_create(s->general);
    size_t before = s->held;
    pcre2_code *code = NULL;

    *error = PCRE2_ERROR_NOMEMORY;
    regex_convert(text, &converted);
    if (context && !converted.failed &&
        (!s->meter || meter_steps(s->meter, COMPILE_STEPS + converted.len))) {
        pcre2_set_max_pattern_length(context, PATTERN_MAX);
        pcre2_set_parens_nest_limit(context, NEST_MAX);
        pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
        code = pcre2_compile((PCRE2_SPTR)converted.data, converted.len,
                             options | PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
                                 PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_UNSET_BACKREF |
                                 PCRE2_ALLOW_EMPTY_CLASS,
                             error, offset, context);
    }
    pcre2_compile_context_free(context);
    if (code && s->meter && !meter_steps(s->meter, (s->held - before) / 16)) {
        pcre2_code_free(code);
        *error = PCRE2_ERROR_NOMEMORY;
        return NULL;
    }
    return code;
}

/* A bound in bytes on how far one item of TEXT may look without advancing: its largest repeat;
 * SIZE_MAX for a backreference or a grapheme. */
static size_t pattern_reach(const char *text)
{
    unsigned long reach = 0;

    for (; *text; text++) {
        if (*text == '{' && strtoul(text + 1, NULL, 10) > reach)
            reach = strtoul(text + 1, NULL, 10);
        else if (*text == '\\' && *++text && strchr("123456789kgX", *text))
            return SIZE_MAX;
        else if (strncmp(text, "(?P", 3) == 0)
            return SIZE_MAX;
        if (!*text)
            break;
    }
    return reach > 65535 ? 65535 * 4 : reach * 4;
}

/* PCRE2 could not compile TEXT: report why, if that is TEXT's fault. */
static void tell_error(struct scratch *s, const char *text, int error, size_t offset,
                       const struct path *at, struct findings *f)
{
    char reason[128], shown[BRIEF];

    if (s->refused || (s->meter && s->meter->spent))
        return;
    if (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED) {
        f->no_memory = true;
        return;
    }
    pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
    findings_add(f, at, NULL, false, "%s is not a valid regular expression: %s (at byte %zu)",
                 brief_text(text, shown), reason, offset);
}

struct pattern *pattern_compile(struct scratch *s, const char *text, const struct path *at,
                                struct findings *f)
{
    autostr struct str ignored = {0};
    struct pattern *p = calloc(1, sizeof *p);
    char foreign = regex_convert(text, &ignored), shown[BRIEF];
    uint32_t options = 0;
    size_t offset = 0;
    int error = 0;

    if (!p) {
        f->no_memory = true;
        return NULL;
    }
    if (foreign) {
        findings_add(f, at, NULL, false,
                     "%s is not a valid regular expression: ECMA-262 has no escape \\%c",
                     brief_text(text, shown), foreign);
        pattern_free(p);
        return NULL;
    }
    p->code = pattern_code(s, text, 0, &error, &offset);
    if (!p->code) {
        tell_error(s, text, error, offset, at, f);
        pattern_free(p);
        return NULL;
    }
    pcre2_pattern_info(p->code, PCRE2_INFO_ALLOPTIONS, &options);
    p->anchored = options & PCRE2_ANCHORED;
    p->text = text;
    p->reach = pattern_reach(text);
    return p;
}

/* PCRE2 says "10.42 2022-12-11". */
void schema_library(char *out, size_t size)
{
    char said[64] = "";

    if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) <= (int)sizeof said)
        pcre2_config(PCRE2_CONFIG_VERSION, said);
    snprintf(out, size, "%.*s", (int)strcspn(said, " "), said);
}
