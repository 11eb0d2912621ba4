/* Can all default limits be enforced here, and a box of each profile be made? Does what a run does:
 * makes the plan of an empty manifest and a box from it, confined, read back and removed; then of one
 * that asks for a profile. So doctor cannot contradict run. No bundle is read and no Lua is run. */
#include <stdio.h>
#include <string.h>

#include "bundles/bundle.h"
#include "bundles/manifest.h"
#include "cgroups/leaf.h"
#include "runtime/cmd/doctor.h"
#include "runtime/jail/box.h"
#include "runtime/jail/maker.h"

bool doctor_unheld(const struct plan *p, enum limit l)
{
    return p->limits[l].layer == LAYER_NONE && p->limits[l].asked != LIMIT_NONE;
}

#define MANIFEST(more) "{\"runbox\":1,\"name\":\"doctor\",\"version\":\"1.0.0\"" more "}"

static const struct {
    const char *name, *manifest;
} profiles[] = {
    {"files", MANIFEST(",\"seccomp\":{\"profile\":\"files\"},\"filesystem\":{\"scratch\":\"1M\"}")},
    {"network", MANIFEST(",\"seccomp\":{\"profile\":\"network\"}")},
    {"loopback", MANIFEST(",\"seccomp\":{\"profile\":\"network\"},"
                          "\"namespaces\":{\"network\":\"loopback\"}")},
};

static int make_plan(const struct checkup *c, const char *text, struct plan **p, struct fault *why)
{
    struct grants none = {0};
    struct findings found = {0};
    struct manifest *m = NULL;
    int r;

    limits_clear(&none.override);
    r = manifest_read(text, strlen(text), "doctor", NULL, &m, &found, why);
    if (r == 0)
        r = plan_make(m, &none, &c->host, p, why);
    manifest_free(m);
    findings_free(&found);
    return r;
}

/* "memory=64M by cgroup1, ...": the limits that are enforced, or those that are not. */
static void limits_list(const struct plan *p, bool held, char *out, size_t size)
{
    size_t len = 0;

    *out = '\0';
    for (int i = 0; i < LIMIT__COUNT && len < size; i++) {
        const struct plan_limit *l = &p->limits[i];
        char value[32];

        if (l->asked == LIMIT_NONE || doctor_unheld(p, (enum limit)i) == held)
            continue;
        limit_print((enum limit)i, l->asked, value, sizeof value);
        len += (size_t)snprintf(out + len, size - len, "%s%s=%s%s%s", len ? ", " : "",
                                limit_info[i].text, value, held ? " by " : "",
                                held ? layer_text(l->layer) : "");
    }
}

static bool check_limits(struct checkup *c)
{
    struct check *k = check_add(c, "defaults", "limits", "%s", "");
    char unheld[256];

    limits_list(c->plan, true, k->what, sizeof k->what);
    limits_list(c->plan, false, unheld, sizeof unheld);
    if (!unheld[0])
        return true;
    check_missing(k, "not enforced: %s; needs what is missing above", unheld);
    snprintf(c->verdict, sizeof c->verdict, "no layer enforces %s", unheld);
    return false;
}

static bool is_any_missing(const struct checkup *c)
{
    for (size_t i = 0; i + 1 < c->count; i++)
        if (c->check[i].state == CHECK_MISSING)
            return true;
    return false;
}

/* Make a box from P, for K, which is the last check. */
static int try_box(struct checkup *c, const struct plan *p, struct check *k, struct fault *why)
{
    struct bundle_file file = {.path = "main.lua", .bytes = "return 1", .size = 8};
    struct bundle bundle = {.path = "doctor", .files = &file, .count = 1, .size = 8};
    struct box *box = NULL;
    uint64_t began = box_now();
    int made = p ? box_create(&box, p, &bundle, &c->cgroups, why) : -1;
    uint64_t us = (box_now() - began) / 1000;

    snprintf(k->what, sizeof k->what,
             "was made, confined, read back and removed (%llu.%llu ms to make%s)",
             (unsigned long long)us / 1000, (unsigned long long)us / 100 % 10,
             leaf_is_foreseen(-1) ? ", without its groups" : "");
    if ((made < 0 ? box_delete(box, &(struct fault){0}) : box_delete(box, why)) == 0 && made == 0)
        return 0;
    snprintf(k->what, sizeof k->what, "%.200s: %.400s", why->where, why->what);
    check_missing(k, "%s",
                  strstr(why->what, "; ") ? "as is said there" /* by diagnosis_add() */
                  : is_any_missing(c)     ? "see what is missing above"
                                      : "nothing above is missing: look at what the kernel and its "
                                        "security modules say (dmesg(1), ausearch(8))");
    return -1;
}

/* Where a run would first move a container's processes, no group can be made yet. */
static void try_without_groups(struct checkup *c)
{
    for (int i = 0; i < CONTROLLER__COUNT && leaf_is_foreseen(-1); i++)
        c->host.controllers[i] = HIERARCHY_NONE;
}

static bool check_box(struct checkup *c)
{
    struct check *k = check_add(c, "defaults", "a box", "%s", "");
    struct fault why = {0};
    struct plan *p = NULL;
    int made;

    try_without_groups(c);
    make_plan(c, MANIFEST(""), &p, &why);
    made = try_box(c, p, k, &why);
    plan_free(p);
    if (made == 0)
        return true;
    snprintf(c->verdict, sizeof c->verdict, "%s: %s", why.where, why.what);
    return false;
}

/* Each after a box without one. */
static void check_profiles(struct checkup *c, bool box)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        struct check *k = check_add(c, "profiles", profiles[i].name, "no box can be made");
        struct fault why = {0};
        struct plan *p = NULL;
        size_t n = strlen(c->verdict);

        k->state = CHECK_UNTRIED;
        if (!box)
            continue;
        k->state = CHECK_WORKS;
        make_plan(c, profiles[i].manifest, &p, &why);
        if (try_box(c, p, k, &why) < 0)
            snprintf(c->verdict + n, sizeof c->verdict - n, "%s%s cannot: %.200s: %.400s",
                     n ? "; " : "", profiles[i].name, why.where, why.what);
        plan_free(p);
    }
}

void doctor_verdict(struct checkup *c)
{
    struct fault why = {0};
    bool limits, box;

    if (!c->known)
        return;
    if (make_plan(c, MANIFEST(""), &c->plan, &why) < 0) {
        snprintf(c->verdict, sizeof c->verdict, "%s: %s", why.where, why.what);
        return;
    }
    limits = check_limits(c);
    box = check_box(c);
    c->enforceable = limits && box;
    if (c->enforceable)
        snprintf(c->verdict, sizeof c->verdict, "all default limits can be enforced here");
    check_profiles(c, box);
}
