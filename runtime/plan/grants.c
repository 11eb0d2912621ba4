/* Grants: their six forms, and which of them answers a manifest's request. A grant comes from the
 * caller or the host's policy, trusted but perhaps misspelt: a meaningless one is an error, never
 * silently ignored. */
#include <stdio.h>
#include <string.h>

#include "bundles/shape.h"
#include "runtime/base/str.h"
#include "runtime/json/brief.h"
#include "runtime/json/finding.h"
#include "runtime/plan/filter.h"
#include "runtime/plan/grant_mount.h"
#include "runtime/plan/parts.h"
#include "schemas/capability.h"

/* Each check returns NULL, or what is wrong with the text after the colon. OUT: a buffer. */
struct form {
    const char *kind, *shape;
    const char *(*check)(const char *value, struct fault *out);
};

static const char *check_keyring(const char *value, struct fault *out)
{
    (void)out;
    if (!*value)
        return "the namespace is missing";
    /* As in a manifest (keyring_access), so any other namespace would never be asked for. */
    return strlen(value) <= 128 && shape_namespace(value)
               ? NULL
               : "a namespace is 1 to 128 of A-Z a-z 0-9 _ . - (patterns are not supported)";
}

static const char *check_network(const char *value, struct fault *out)
{
    (void)out;
    return strcmp(value, "host") == 0 ? NULL : "only \"host\" needs a grant";
}

static const char *check_mount(const char *value, struct fault *out)
{
    (void)out;
    return mount_grant_check(value);
}

static const char *check_capability(const char *value, struct fault *out)
{
    (void)out;
    return capability_find(value) < 0 ? "there is no such capability" : NULL;
}

static const char *check_syscall(const char *value, struct fault *out)
{
    const char *reason = filter_never(value);

    if (!reason)
        return NULL;
    fault_set(out, STATUS_INVALID, 0, "", "%s cannot be granted: %s", value, reason);
    return out->what;
}

/* Parse NAME=VALUE. The limit, or -1 and *OUT, which says what is wrong. */
static int parse_limit(const char *text, uint64_t *value, struct fault *out)
{
    const char *equals = strchr(text, '=');
    struct suggestion s;
    char name[64];
    int l;

    fault_set(out, STATUS_INVALID, 0, "", "expected NAME=VALUE");
    if (!equals || equals == text || equals - text >= (long)sizeof name)
        return -1;
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    l = limit_find(name, strlen(name));
    if (l >= 0)
        return limit_parse((enum limit)l, equals + 1, value, out) < 0 ? -1 : l;
    s = suggest(name);
    for (int i = 0; i < LIMIT__COUNT; i++)
        suggest_try(&s, limit_info[i].text);
    fault_set(out, STATUS_INVALID, 0, "", "no limit is called \"%s\"%s%s%s", name,
              s.best ? "; did you mean \"" : "", s.best ? s.best : "", s.best ? "\"?" : "");
    return -1;
}

static const char *check_limit(const char *value, struct fault *out)
{
    uint64_t parsed;

    return parse_limit(value, &parsed, out) < 0 ? out->what : NULL;
}

int grants_override(struct grants *g, const char *text, struct fault *why)
{
    char shown[BRIEF];
    struct fault wrong;
    uint64_t value;
    int l = parse_limit(text, &value, &wrong);

    if (l < 0)
        return fault_set(why, STATUS_USAGE, 0, "-l", "%s: %s", brief_text(text, shown), wrong.what);
    g->override.value[l] = value;
    return 0;
}

struct grants grants_of_job(const struct grants *all)
{
    struct grants g = {
        .best_effort = all->best_effort, .named_elsewhere = true, .most = &all->override};

    limits_clear(&g.override);
    return g;
}

void grants_limits(struct grants *g, const struct limits *limits, struct limits *most)
{
    *most = g->most ? *g->most : (struct limits){0};
    for (int i = 0; i < LIMIT__COUNT; i++)
        if (limits->value[i] != LIMIT_NONE) {
            g->override.value[i] = limits->value[i];
            most->value[i] = LIMIT_NONE;
        }
    if (g->most)
        g->most = most;
}

static const struct form forms[] = {
    {"keyring", "keyring:NAMESPACE", check_keyring},
    {"network", "network:host", check_network},
    {"mount", MOUNT_GRANT_SHAPE, check_mount},
    {"capability", "capability:CAP_NAME", check_capability},
    {"syscall", "syscall:NAME", check_syscall},
    {"limit", "limit:NAME=VALUE", check_limit},
};

#define FORM_COUNT (sizeof forms / sizeof forms[0])

/* The text after "KIND:" of a grant, or NULL if it is of another kind. */
static const char *value_of(const char *grant, const char *kind)
{
    size_t n = strlen(kind);

    return strncmp(grant, kind, n) == 0 && grant[n] == ':' ? grant + n + 1 : NULL;
}

static int fault_form(const char *grant, struct fault *why)
{
    char kind[64], shown[BRIEF];
    autostr struct str shapes = {0};
    struct suggestion s;

    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(grant, ":"), grant);
    s = suggest(kind);
    for (size_t i = 0; i < FORM_COUNT; i++) {
        suggest_try(&s, forms[i].kind);
        str_addf(&shapes, "%s%s", i ? ", " : "", forms[i].shape);
    }
    return fault_set(why, STATUS_INVALID, 0, "--grant",
                     "%s is not a grant%s%s%s (the forms are %s)", brief_text(grant, shown),
                     s.best ? "; did you mean \"" : "", s.best ? s.best : "",
                     s.best ? ":...\"?" : "", shapes.failed ? "in runbox(1)" : shapes.data);
}

int grant_check(const char *grant, struct fault *why)
{
    char shown[BRIEF];

    for (size_t i = 0; i < FORM_COUNT; i++) {
        const char *value = value_of(grant, forms[i].kind);
        struct fault out;
        const char *wrong;

        if (!value)
            continue;
        wrong = forms[i].check(value, &out);
        if (!wrong)
            return 0;
        return fault_set(why, STATUS_INVALID, 0, "--grant", "%s: %s (the form is %s)",
                         brief_text(grant, shown), wrong, forms[i].shape);
    }
    return fault_form(grant, why);
}

int grants_check(const struct grants *g, struct fault *why)
{
    for (size_t i = 0; i < g->what.count; i++)
        if (grant_check(g->what.item[i], why) < 0)
            return -1;
    return 0;
}

const char *origin_text(enum origin o)
{
    static const char *const texts[] = {
        [ORIGIN_OPTION] = "option", [ORIGIN_HOST] = "host policy", [ORIGIN_USER] = "user policy"};

    return texts[o];
}

#define ORIGINS 3

static const struct names *grants_of(const struct grants *g, enum origin o)
{
    static const struct names none;

    if (o == ORIGIN_OPTION)
        return &g->what;
    if (!g->policy)
        return &none;
    return o == ORIGIN_HOST ? &g->policy->host : &g->policy->user;
}

static bool granted(const struct names *grants, const char *kind, const char *value)
{
    for (size_t i = 0; i < grants->count; i++) {
        const char *given = value_of(grants->item[i], kind);

        if (!given)
            continue;
        if (strcmp(kind, "mount") == 0 ? mount_grant_covers(given, value)
                                       : strcmp(given, value) == 0)
            return true;
    }
    return false;
}

static uint64_t largest(const struct names *grants, enum limit l, uint64_t bound)
{
    uint64_t most = 0, value = 0;
    struct fault ignored;

    for (size_t i = 0; i < grants->count; i++) {
        const char *given = value_of(grants->item[i], "limit");

        if (given && parse_limit(given, &value, &ignored) == (int)l && value > most &&
            value <= bound)
            most = value;
    }
    return most;
}

uint64_t grants_limit(const struct grants *g, enum limit l, uint64_t bound, int *by)
{
    uint64_t most = 0;

    *by = ORIGIN_OPTION;
    for (int o = 0; o < ORIGINS; o++) {
        const struct names *grants = grants_of(g, (enum origin)o);
        uint64_t value = largest(grants, l, o == ORIGIN_HOST ? LIMIT_NONE : bound);

        if (value <= most)
            continue;
        most = value;
        *by = o;
    }
    return most;
}

int grants_note(struct plan *p, const char *kind, const char *value, int by, struct fault *why)
{
    struct names *list = by >= 0 ? &p->granted : &p->missing;
    autostr struct str text = {0};

    str_addf(&text, "%s:%s", kind, value);
    if (text.failed)
        return plan_no_memory(why);
    if (names_have(list, text.data))
        return 0;
    if (names_add(list, text.data) < 0 ||
        (by >= 0 && names_add(&p->granted_by, origin_text((enum origin)by)) < 0))
        return plan_no_memory(why);
    return 0;
}

int grants_ask(struct plan *p, const struct grants *g, const char *kind, const char *value,
               struct fault *why)
{
    int by = -1;

    for (int o = ORIGINS - 1; o >= 0; o--)
        if (granted(grants_of(g, (enum origin)o), kind, value))
            by = o;
    return grants_note(p, kind, value, by, why) < 0 ? -1 : by >= 0;
}
