/* What policy files do to a plan: origins, ceilings, and the refusal's words. */
#include <string.h>

#include "bundles/manifest.h"
#include "runtime/base/str.h"
#include "runtime/plan/plan.h"
#include "tests/unit/tap.h"

/* As initialiser. Nobody writes to the texts. */
#define TEXTS(...) ((const char *const[]){__VA_ARGS__})
#define NAMES(...) \
    {sizeof TEXTS(__VA_ARGS__) / sizeof(char *), (char **)(uintptr_t)TEXTS(__VA_ARGS__)}

static const struct host host = {
    .root = true,
    .uid_base = 500000000,
    .user_namespaces = true,
    .cpus = 2,
    .controllers = {HIERARCHY_V1, HIERARCHY_V1, HIERARCHY_V1, HIERARCHY_V1}};

static struct policy_grants policy_none(void)
{
    struct policy_grants p = {0};

    limits_clear(&p.host_ceilings);
    limits_clear(&p.user_ceilings);
    return p;
}

/* The plan of a manifest with MEMBERS under G and POLICY, or NULL and a failed test. */
static struct plan *make(const char *members, struct grants g, const struct policy_grants *policy)
{
    autostr struct str text = {0};
    struct host h = host;
    struct findings found = {0};
    struct manifest *m = NULL;
    struct plan *p = NULL;
    struct fault why = {0};

    for (int r = 0; r < RLIM__COUNT; r++)
        h.rlimit_hard[r] = UINT64_MAX;
    limits_clear(&g.override);
    g.policy = policy;
    str_addf(&text, "{\"runbox\":1,\"name\":\"t/p\",\"version\":\"1.0.0\"%s}", members);
    if (manifest_read(text.data, text.len, "t", NULL, &m, &found, &why) < 0 ||
        plan_make(m, &g, &h, &p, &why) < 0)
        ok(false, "a plan of %s: %s: %s", members, why.where, why.what);
    findings_free(&found);
    manifest_free(m);
    return p;
}

static bool refuses(const struct plan *p, const char *words)
{
    struct fault why = {0};

    return plan_refusal(p, &why) < 0 && why.status == STATUS_REFUSED && strstr(why.what, words);
}

static void test_origins(void)
{
    struct policy_grants policy = policy_none();
    struct grants g = {.what = NAMES("keyring:a", "keyring:c")};
    struct fault why;
    struct plan *p;

    policy.host = (struct names)NAMES("keyring:a", "keyring:b");
    policy.user = (struct names)NAMES("keyring:b", "keyring:d", "keyring:unasked");
    p = make(",\"keyring_access\":[\"a\",\"b\",\"c\",\"d\"]", g, &policy);
    ok(p && p->granted.count == 4 && p->granted_by.count == 4 && p->keyring.count == 4,
       "four are granted, each once");
    ok(p && strcmp(p->granted_by.item[0], "option") == 0, "an option stands first");
    ok(p && strcmp(p->granted_by.item[1], "host policy") == 0, "then the host");
    ok(p && strcmp(p->granted_by.item[3], "user policy") == 0, "then the user");
    ok(p && plan_refusal(p, &why) == 0, "and nothing is missing");
    plan_free(p);
}

static void test_host_ceiling(void)
{
    struct policy_grants policy = policy_none();
    struct grants g = {.what = NAMES("limit:memory=300M")};
    struct plan *p;

    policy.host_ceilings.value[LIMIT_MEMORY] = 100u << 20;
    policy.user_ceilings.value[LIMIT_MEMORY] = 1u << 30;
    policy.user = (struct names)NAMES("limit:memory=300M");
    p = make(",\"limits\":{\"memory\":\"200M\"}", g, &policy);
    ok(p && p->missing.count == 0 && p->beyond.count == 1 &&
           refuses(p, "memory=200M (the ceiling is 100M)"),
       "no option and no user's file passes the host's ceiling");
    ok(p && p->limits[LIMIT_MEMORY].effective == 100u << 20, "what is applied is the ceiling");
    plan_free(p);
    policy.host = (struct names)NAMES("limit:memory=200M");
    p = make(",\"limits\":{\"memory\":\"200M\"}", g, &policy);
    ok(p && p->beyond.count == 0 && p->limits[LIMIT_MEMORY].effective == 200u << 20 &&
           strcmp(p->granted_by.item[0], "host policy") == 0,
       "the host's own grant does");
    plan_free(p);
}

static void test_user_ceiling(void)
{
    struct policy_grants policy = policy_none();
    struct plan *p;

    policy.user_ceilings.value[LIMIT_MEMORY] = 2ull << 30;
    p = make(",\"limits\":{\"memory\":\"1500M\"}", (struct grants){0}, &policy);
    ok(p && p->missing.count == 0, "the user's ceiling stands above the built-in one");
    plan_free(p);
    policy.user_ceilings.value[LIMIT_MEMORY] = 32u << 20;
    p = make(",\"limits\":{\"memory\":\"33M\"}", (struct grants){0}, &policy);
    ok(p && p->missing.count == 1 && refuses(p, "--grant limit:memory=33M"), "or below it");
    plan_free(p);
    p = make("", (struct grants){0}, &policy);
    ok(p && p->missing.count == 0 && p->limits[LIMIT_MEMORY].asked == 64u << 20 &&
           p->limits[LIMIT_MEMORY].effective == 32u << 20,
       "a default is lowered to it, and is no refusal");
    plan_free(p);
}

static void test_changed(void)
{
    struct policy_grants policy = policy_none();
    struct plan *p;

    policy.changed = true;
    p = make(",\"keyring_access\":[\"a\"]", (struct grants){0}, &policy);
    ok(p && refuses(p, "the bundle has changed") && refuses(p, "--grant keyring:a"),
       "a changed bundle is named as such");
    plan_free(p);
    p = make("", (struct grants){0}, &policy);
    ok(p && !refuses(p, ""), "one that asks for nothing is not refused");
    plan_free(p);
}

int main(void)
{
    test_origins();
    test_host_ceiling();
    test_user_ceiling();
    test_changed();
    return done();
}
