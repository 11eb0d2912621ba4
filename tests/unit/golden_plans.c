/* tests/golden/NAME.json (a manifest) on NAME.host (facts as JSON) under NAME.grants (a grant, "-l
 * NAME=VALUE" or "--best-effort" a line; may be absent) makes NAME.plan: the plan's JSON, or its fault. Where
 * NAME.table exists the table is compared too. The files say "poll" for the call behind poll(3), which on
 * some processors is ppoll. GOLDEN=write writes what comes out; read the
 * difference. */
#include <glob.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/manifest.h"
#include "runtime/base/str.h"
#include "runtime/plan/dump.h"
#include "tests/processor.h"
#include "tests/unit/tap.h"

static bool read_file(const char *path, struct str *out)
{
    FILE *f = fopen(path, "r");
    char bytes[4096];
    size_t n;

    if (!f)
        return false;
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
        str_add(out, bytes, n);
    fclose(f);
    str_add(out, "", 0);
    return !out->failed;
}

static void write_file(const char *path, const struct str *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fwrite(text->data, 1, text->len, f) != text->len || fclose(f) != 0)
        ok(false, "writing %s", path);
}

static const char *file_name(const char *name, const char *suffix)
{
    static char path[512];

    snprintf(path, sizeof path, "tests/golden/%s.%s", name, suffix);
    return path;
}

static bool fact_known(const char *name)
{
    static const char *const known[] = {"root",
                                        "uid",
                                        "gid",
                                        "uid_base",
                                        "user_namespaces",
                                        "swap",
                                        "cpus",
                                        "landlock_abi",
                                        "controllers",
                                        "rlimit_hard",
                                        "lacks",
                                        "unnamed",
                                        "no_time_namespace"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i], name) == 0)
            return true;
    return false;
}

static uint32_t number(struct json_object *facts, const char *name)
{
    return (uint32_t)json_object_get_int64(json_object_object_get(facts, name));
}

static bool flag(struct json_object *facts, const char *name)
{
    return json_object_get_boolean(json_object_object_get(facts, name));
}

/* A fact that is absent is 0 or false, a controller HIERARCHY_NONE, a hard limit unlimited. */
static bool read_host(const char *name, struct host *h)
{
    struct json_object *facts = json_object_from_file(file_name(name, "host")), *of;

    *h = (struct host){0};
    if (!facts)
        return false;
    json_object_object_foreach(facts, key, value)
    {
        (void)value;
        if (!fact_known(key))
            ok(false, "%s.host: unknown fact %s", name, key);
    }
    h->root = flag(facts, "root");
    h->uid = number(facts, "uid");
    h->gid = number(facts, "gid");
    h->uid_base = number(facts, "uid_base");
    h->user_namespaces = flag(facts, "user_namespaces");
    h->swap = flag(facts, "swap");
    h->cpus = number(facts, "cpus");
    h->landlock_abi = (int)number(facts, "landlock_abi");
    for (int u = UNNAMED_YAMA; u < UNNAMED__COUNT; u++) {
        const char *word = json_object_get_string(json_object_object_get(facts, "unnamed"));

        if (word && strcmp(word, unnamed_word((enum unnamed)u)) == 0)
            h->unnamed = (enum unnamed)u;
    }
    h->no_time_namespace = flag(facts, "no_time_namespace");
    of = json_object_object_get(facts, "controllers");
    for (int c = 0; c < CONTROLLER__COUNT; c++) {
        struct json_object *home =
            json_object_object_get(of, controller_text((enum controller)c, HIERARCHY_V2));

        if (home)
            h->controllers[c] =
                strcmp(json_object_get_string(home), "v1") == 0 ? HIERARCHY_V1 : HIERARCHY_V2;
    }
    of = json_object_object_get(facts, "lacks");
    for (size_t i = 0; of && i < json_object_array_length(of); i++) {
        const char *limit = json_object_get_string(json_object_array_get_idx(of, i));
        int l = limit_find(limit, strlen(limit));

        if (ok(l >= 0, "%s.host: a limit: %s", name, limit))
            h->lacks[l] = true;
    }
    of = json_object_object_get(facts, "rlimit_hard");
    for (int r = 0; r < RLIM__COUNT; r++) {
        struct json_object *hard = json_object_object_get(of, rlimit_text((enum rlim)r));

        h->rlimit_hard[r] = hard ? json_object_get_uint64(hard) : UINT64_MAX;
    }
    json_object_put(facts);
    return true;
}

/* Lines of TEXT, which is cut up and must outlive G. */
static void read_grants(char *text, struct grants *g)
{
    static char *items[64];
    char *rest = text, *line;
    struct fault why;

    limits_clear(&g->override);
    g->what = (struct names){0, items};
    while (text && (line = strsep(&rest, "\n"))) {
        if (strcmp(line, "--best-effort") == 0)
            g->best_effort = true;
        else if (strncmp(line, "-l ", 3) == 0)
            ok(grants_override(g, line + 3, &why) == 0, "%s", line);
        else if (*line && g->what.count < 64)
            items[g->what.count++] = line;
    }
}

static void say_poll(struct str *out, const struct str *text)
{
    const char *at = text->data, *found;

    for (; (found = strstr(at, POLL_NAME)); at = found + strlen(POLL_NAME)) {
        str_add(out, at, (size_t)(found - at));
        str_addf(out, "poll");
    }
    str_addf(out, "%s", at);
}

static void compare(const char *name, const char *suffix, const struct str *made)
{
    autostr struct str want = {0}, said = {0};
    const struct str *got = &said;
    const char *mode = getenv("GOLDEN");

    say_poll(&said, made);
    if (mode && strcmp(mode, "write") == 0)
        write_file(file_name(name, suffix), got);
    if (!ok(read_file(file_name(name, suffix), &want) && want.len == got->len &&
                memcmp(want.data, got->data, got->len) == 0,
            "%s.%s", name, suffix))
        fprintf(stderr, "# %s.%s: got:\n%s", name, suffix, got->data);
}

static void check_plan(const char *name, const struct manifest *m, struct grants *g)
{
    autostr struct str json = {0}, table = {0}, ignored = {0};
    struct plan *p = NULL;
    struct fault why;
    struct host h;

    if (!ok(read_host(name, &h), "%s.host", name))
        return;
    if (plan_make(m, g, &h, &p, &why) < 0) {
        str_addf(&json, "fault %s: %s: %s\n", status_text(why.status), why.where, why.what);
        compare(name, "plan", &json);
        return;
    }
    ok(plan_json(p, &json) == 0, "%s: as JSON", name);
    if (plan_refusal(p, &why) < 0)
        str_addf(&json, "fault %s: %s: %s\n", status_text(why.status), why.where, why.what);
    compare(name, "plan", &json);
    if (read_file(file_name(name, "table"), &ignored)) {
        plan_table(p, &table);
        compare(name, "table", &table);
    }
    plan_free(p);
}

static void check_case(const char *name)
{
    autostr struct str text = {0}, grants = {0};
    struct findings found = {0};
    struct manifest *m = NULL;
    struct grants g = {0};
    struct fault why = {0};

    if (!ok(read_file(file_name(name, "json"), &text) &&
                manifest_read(text.data, text.len, name, NULL, &m, &found, &why) == 0,
            "%s.json is a manifest %s%s", name, why.where, why.what)) {
        findings_free(&found);
        return;
    }
    read_grants(read_file(file_name(name, "grants"), &grants) ? grants.data : NULL, &g);
    check_plan(name, m, &g);
    findings_free(&found);
    manifest_free(m);
}

int main(void)
{
    glob_t found;

    if (!ok(glob("tests/golden/*.json", 0, NULL, &found) == 0, "tests/golden: cases"))
        return done();
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *name = strrchr(found.gl_pathv[i], '/') + 1;

        name[strlen(name) - strlen(".json")] = '\0';
        check_case(name);
    }
    ok(found.gl_pathc >= 16, "%zu cases", found.gl_pathc);
    globfree(&found);
    return done();
}
