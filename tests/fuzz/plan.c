/* A hostile manifest on its way to a plan, runtime/plan/: what nobody granted is not planned. The first byte
 * chooses the host, the first line has the grants, the rest is the manifest. */
#include "runtime/plan/plan.h"

#include <string.h>

#include "bundles/manifest.h"
#include "runtime/base/str.h"
#include "runtime/json/json.h"
#include "runtime/plan/filter.h"
#include "tests/fuzz/judge/judge.h"

#define GRANTS 8

static const struct host hosts[] = {
    {.root = true,
     .uid_base = 500000000,
     .user_namespaces = true,
     .cpus = 2,
     .controllers = {HIERARCHY_V1, HIERARCHY_V1, HIERARCHY_V1, HIERARCHY_V1},
     .rlimit_hard = {[0 ... RLIM__COUNT - 1] = UINT64_MAX}},
    {.user_namespaces = true,
     .cpus = 4,
     .controllers = {HIERARCHY_NONE, HIERARCHY_NONE, HIERARCHY_NONE, HIERARCHY_NONE},
     .rlimit_hard = {[0 ... RLIM__COUNT - 1] = 65536}},
};

static bool is_given(const struct grants *g, const char *text)
{
    for (size_t i = 0; i < g->what.count; i++)
        if (strcmp(g->what.item[i], text) == 0)
            return true;
    return false;
}

/* The grants that name KIND, "mount:" and its like. */
static bool any_given(const struct grants *g, const char *kind)
{
    for (size_t i = 0; i < g->what.count; i++)
        if (strncmp(g->what.item[i], kind, strlen(kind)) == 0)
            return true;
    return false;
}

/* The grants that end in TEXT. */
static bool any_ends(const struct grants *g, const char *text)
{
    for (size_t i = 0; i < g->what.count; i++) {
        size_t n = strlen(g->what.item[i]);

        if (n >= strlen(text) && strcmp(g->what.item[i] + n - strlen(text), text) == 0)
            return true;
    }
    return false;
}

static void check_limits(const struct plan *p, const struct grants *g, const struct host *h)
{
    for (int i = 0; i < LIMIT__COUNT; i++) {
        uint64_t ceiling = limit_info[i].ceiling;

        if (ceiling == LIMIT_HOST)
            ceiling = h->cpus * 1000u;
        must(p->limits[i].effective == LIMIT_NONE || p->limits[i].effective <= ceiling ||
                 any_given(g, "limit:"),
             "%s is %llu", limit_info[i].text, (unsigned long long)p->limits[i].effective);
    }
    for (int i = 0; i < RLIM__COUNT; i++)
        must(p->rlimits[i].soft <= p->rlimits[i].hard && p->rlimits[i].hard <= h->rlimit_hard[i],
             "rlimit %d: %llu", i, (unsigned long long)p->rlimits[i].hard);
}

static void check_filter(const struct plan *p)
{
    struct filter f = {0};
    struct fault why;

    for (size_t i = 0; i < p->allow.count; i++)
        must(!filter_never(p->allow.item[i]), "%s is allowed", p->allow.item[i]);
    must(filter_make(p, &f, &why) == 0, "no filter: %s", why.what);
    must(f.count > 0 && (p->allow.count || !f.owned), "a filter of another profile");
    filter_free(&f);
}

/* The plan is not refused: all that it has was granted. */
static void check_granted(const struct plan *p, const struct grants *g, const struct host *h)
{
    for (size_t i = 0; i < p->granted.count; i++)
        must(any_given(g, "mount:") || any_given(g, "limit:") || is_given(g, p->granted.item[i]),
             "granted by nobody: %s", p->granted.item[i]);
    must(p->network != NETWORK_HOST || is_given(g, "network:host"), "the host's network");
    must(!p->capabilities || any_given(g, "capability:"), "capabilities");
    must(!p->allow.count || any_given(g, "syscall:"), "system calls");
    must(!p->keyring.count || any_given(g, "keyring:"), "keys");
    for (size_t i = 0; i < p->mount_count; i++)
        must(p->mounts[i].inside ? p->mounts[i].source[0] != '/' && p->mounts[i].source[0] != '.'
                                 : any_given(g, "mount:/"),
             "a mount of %s", p->mounts[i].source);
    for (size_t i = 0; i < p->mount_count; i++)
        must(!p->mounts[i].rw || any_ends(g, ":rw"), "%s, to write", p->mounts[i].source);
    must(p->uid_inside && p->gid_inside, "root inside");
    check_limits(p, g, h);
    check_filter(p);
}

static void check(const struct manifest *m, const struct grants *g, const struct host *h)
{
    autostr struct str json = {0}, table = {0};
    struct plan *p = NULL;
    struct fault why = {0};

    if (plan_make(m, g, h, &p, &why) < 0) {
        must(*why.what, "no plan, and not a word");
        return;
    }
    must(plan_json(p, &json) == 0 && judge_json(json.data, json.len, JSON_DEPTH_MAX), "no JSON: %s",
         json.data);
    plan_table(p, &table);
    must(judge_harmless(table.data, table.len, true), "a table with controls: %s", table.data);
    if (plan_refusal(p, &why) == 0)
        check_granted(p, g, h);
    else
        must(p->missing.count || p->beyond.count, "refused, and nothing is missing");
    plan_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *stop = memchr(data, '\n', n);
    struct findings found = {0};
    struct manifest *m = NULL;
    autostr struct str words = {0};
    char *items[GRANTS], *save = NULL;
    struct grants g = {.what.item = items};
    struct fault why;

    if (!stop || stop == data)
        return 0;
    str_add(&words, data + 1, (size_t)(stop - data) - 1);
    limits_clear(&g.override);
    for (char *at = words.data ? strtok_r(words.data, " ", &save) : NULL;
         at && g.what.count < GRANTS; at = strtok_r(NULL, " ", &save))
        items[g.what.count++] = at;
    stop++;
    if (manifest_read((const char *)stop, n - (size_t)(stop - data), "m", NULL, &m, &found, &why) ==
        0)
        check(m, &g, &hosts[data[0] & 1]);
    manifest_free(m);
    findings_free(&found);
    return 0;
}
