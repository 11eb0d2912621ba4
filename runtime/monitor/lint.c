/* One box per bundle, planned from a manifest that asks for nothing: the bundle's own has no
 * influence on how its sources are checked. Its caller is this file, which answers nothing. */
#include "runtime/monitor/lint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/manifest.h"
#include "runtime/base/path.h"
#include "runtime/broker/broker.h"
#include "runtime/caller/caller.h"
#include "runtime/host/resolve.h"
#include "runtime/monitor/remote.h"
#include "runtime/monitor/watch.h"
#include "runtime/wire/text.h"
#include "schemas/setup.h"

/* Sixteen times the largest bundle; more time than the compiler takes for any source not written to
 * be slow to compile, with gotos over thousands of labels; more lines than anyone would read. */
#define MEMORY "256M"
#define CPU    "20s"
#define WALL   "60s"
#define OUTPUT "3M"
static const char neutral[] =
    "{\"runbox\":1,\"name\":\"check\",\"version\":\"1.0.0\",\"limits\":{\"memory\":\"" MEMORY
    "\",\"cpu_time\":\"" CPU "\",\"wall_time\":\"" WALL "\",\"output\":\"" OUTPUT "\"}}";

void lint_neutral(struct neutral *n)
{
    static const struct {
        enum limit limit;
        const char *text;
    } asked[] = {{LIMIT_MEMORY, MEMORY},
                 {LIMIT_CPU_TIME, CPU},
                 {LIMIT_WALL_TIME, WALL},
                 {LIMIT_OUTPUT, OUTPUT}};
    struct fault never;

    n->name = "check";
    limits_clear(&n->limits);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        limit_parse(asked[i].limit, asked[i].text, &n->limits.value[asked[i].limit], &never);
}

struct linter {
    struct caller caller;
    const struct bundle *bundle;
    struct lint *lint;
    bool odd; /* the box sent something unexpected */
};

void lint_free(struct lint *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->item[i].text);
    free(l->item);
    *l = (struct lint){0};
}

/* The I-th source, in the order of the setup. */
static const struct bundle_file *source_at(const struct bundle *b, unsigned long i)
{
    for (size_t k = 0; k < b->count; k++)
        if (bundle_is_source(b->files[k].path) && i-- == 0)
            return &b->files[k];
    return NULL;
}

/* Digits, then a space; moves *AT past them. Below 10^9. */
static bool take_number(const char **at, unsigned *n)
{
    size_t digits = strspn(*at, "0123456789");

    if (digits < 1 || digits > 9 || (*at)[digits] != ' ')
        return false;
    *n = (unsigned)strtoul(*at, NULL, 10);
    *at += digits + 1;
    return true;
}

bool lint_line(struct lint *l, const struct bundle *b, const char *text)
{
    static const char kinds[] = {CHECK_BEGUN,   CHECK_SYNTAX, CHECK_GLOBAL, CHECK_FIELD,
                                 CHECK_REQUIRE, CHECK_MODULE, CHECK_PATH,   CHECK_CALL,
                                 CHECK_KEYRING, CHECK_OPTION, CHECK_ENTRY,  CHECK_EXPORT};
    struct lint_finding *one;
    const char *at = text + 2;
    unsigned source, line;

    if (!text[0] || !memchr(kinds, text[0], sizeof kinds) || text[1] != ' ' ||
        !take_number(&at, &source) || !take_number(&at, &line) || !(l->last = source_at(b, source)))
        return false;
    if (text[0] == CHECK_BEGUN)
        return true;
    if (l->count == LINT_MAX) {
        l->more++;
        return true;
    }
    if (!l->item)
        l->item = calloc(LINT_MAX, sizeof *l->item);
    l->no_memory |= !l->item;
    if (!l->item)
        return false;
    one = &l->item[l->count];
    *one = (struct lint_finding){.kind = text[0],
                                 .file = line || text[0] == CHECK_SYNTAX ? l->last : NULL,
                                 .line = line,
                                 .text = strdup(at)};
    l->no_memory |= !one->text;
    l->count += one->text != NULL;
    return one->text != NULL;
}

static void lint_event(struct caller *c, const struct event *e, const char *line, size_t n)
{
    struct linter *k = caller_whole(c, struct linter);
    autostr struct str text = {0};

    (void)line;
    (void)n;
    if (e->kind != EVENT_WRITE) {
        k->odd = true;
        return;
    }
    text_c_plain(&text, e->text);
    k->lint->no_memory |= text.failed;
    if (text.failed || !lint_line(k->lint, k->bundle, text.data))
        k->odd = true;
}

/* A request of the box is never answered: it runs into its wall_time. */
static int lint_request(struct caller *c, const struct event *e, const char *line, size_t n,
                        struct str *reply)
{
    (void)e;
    (void)line;
    (void)n;
    (void)reply;
    c->owed = true;
    caller_whole(c, struct linter)->odd = true;
    return 0;
}

static int lint_input(struct caller *c, struct str *reply, struct fault *why)
{
    (void)c;
    (void)reply;
    (void)why;
    return 0;
}

static bool lint_listens(const struct caller *c)
{
    (void)c;
    return false;
}

static void lint_end(struct caller *c, const struct report *r)
{
    (void)c;
    (void)r;
}

static const struct caller_kind kind = {lint_event, NULL,         lint_request,
                                        lint_input, lint_listens, lint_end};

/* The message where the budget of a check ran out, or NULL. It is the same for every bundle, and no
 * option raises it. */
static const char *spent(enum status status)
{
    switch (status) {
    case STATUS_OUTPUT:
        return "too much to tell of: what comes after was not looked at";
    case STATUS_CPU_TIME:
        return "too much to compile: " CPU
               " of CPU time are over, and what comes after was not looked at";
    case STATUS_MEMORY:
        return "too much to compile: " MEMORY
               " of memory are full, and what comes after was not looked at";
    default:
        return NULL;
    }
}

static int fault_spent(const struct linter *k, const char *what, struct fault *why)
{
    char where[sizeof why->where];

    snprintf(where, sizeof where, "%.*s/%s", (int)path_length(k->bundle->path), k->bundle->path,
             k->lint->last ? k->lint->last->path : "");
    return fault_set(why, STATUS_INVALID, 0, where, "%s", what);
}

/* The box's start line: the names to look for, each of which is one (OF: NULL, or the bundle's). */
static int lint_start(const struct manifest *of, struct str *line, struct fault *why)
{
    str_addc(line, '{');
    for (size_t i = 0; of && i < of->export_count; i++)
        str_addf(line, "%s\"%s\"", i ? "," : "\"exports\":[", of->exports[i].name);
    if (of && of->export_count) {
        str_adds(line, "],\"main\":");
        text_quote(line, of->main, strlen(of->main));
    }
    str_adds(line, "}\n");
    return line->failed ? fault_set(why, STATUS_SETUP, ENOMEM, "check", "its start line") : 0;
}

static int run(struct remote *r, const struct manifest *m, const struct plan *p, struct linter *k,
               const struct str *line, struct fault *why)
{
    struct report report = {0};
    struct box *box = NULL;
    struct watch watch;
    struct fault ignored;
    const char *what;
    bool inherited;

    if (remote_create(r, &box, m, p, k->bundle, false, why) < 0)
        return -1;
    watch_open(&watch, box, &k->caller, NULL, &(struct meter){0}, &report);
    if (watch_start(&watch, line->data, line->len, why) < 0) {
        watch_close(&watch);
        box_delete(box, &ignored);
        return -1;
    }
    watch_run(&watch, -1);
    box_delete(box, &ignored);
    what = spent(report.status);
    inherited = p->inherited[RLIM_CPU] || p->inherited[RLIM_AS] || p->inherited[RLIM_DATA];
    if (what && !inherited)
        return fault_spent(k, what, why);
    if (report.status == STATUS_WALL_TIME)
        return fault_set(why, STATUS_SETUP, 0, k->bundle->path,
                         "looking at its sources: " WALL
                         " are over, and this machine had no time for it");
    /* A ulimit that runbox was started with, which the message names, is not the bundle's fault. */
    if (report.status != STATUS_OK)
        return fault_set(why, what ? STATUS_SETUP : report.status, 0, k->bundle->path,
                         "looking at its sources: %s", report.message);
    if (k->lint->no_memory)
        return fault_set(why, STATUS_SETUP, ENOMEM, k->bundle->path, "looking at its sources");
    if (k->odd)
        return fault_set(why, STATUS_PROTOCOL, 0, k->bundle->path,
                         "looking at its sources: the box said what it should not");
    return 0;
}

/* Only the entry comes from the bundle: a name to look for. */
static int read_neutral(const struct manifest *of, struct manifest **m, struct fault *why)
{
    struct findings found = {0};
    int r = manifest_read(neutral, sizeof neutral - 1, "check", NULL, m, &found, why);

    if (r == 0 && of && of->entry_named) {
        (*m)->entry = of->entry;
        (*m)->entry_named = true;
    }
    findings_free(&found);
    return r;
}

static int make_plan(struct remote *r, const struct bundle *b, const struct manifest *m,
                     struct plan **p, struct fault *why)
{
    struct grants grants = {.best_effort = true};
    struct policy_grants policy;
    struct host host;

    limits_clear(&grants.override);
    if (remote_site(r, m->name, &host, &policy, why) < 0)
        return -1;
    return plan_at(&host, &policy, b->digest, m, &grants, p, why);
}

int lint_run(struct remote *r, const struct bundle *b, const struct manifest *of, struct lint *l,
             struct fault *why)
{
    struct linter k = {
        .caller = {.kind = &kind, .in = -1, .out.fd = -1, .err.fd = -1}, .bundle = b, .lint = l};
    bool files = of && of->profile != PROFILE_COMPUTE;
    autostr struct str line = {0};
    struct manifest *m = NULL;
    struct plan *p = NULL;
    int done = -1;

    if (lint_start(of, &line, why) == 0 && read_neutral(of, &m, why) == 0 &&
        make_plan(r, b, m, &p, why) == 0) {
        p->flags = SETUP_CHECK | (files ? SETUP_FILES : 0);
        done = run(r, m, p, &k, &line, why);
    }
    plan_free(p);
    manifest_free(m);
    caller_free(&k.caller);
    return done;
}
