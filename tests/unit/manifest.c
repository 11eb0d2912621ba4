/* bundles/manifest*.c against schemas/manifest.schema.json: one corpus, the same verdict from both.
 * Rows marked LOADER are what a schema cannot say, with the reason. Then places, messages and
 * values. */
#include "bundles/manifest.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/schema/schema.h"
#include "tests/unit/tap.h"

enum verdict { GOOD, BAD, LOADER /* the schema accepts it, the loader must not */ };

static const struct {
    enum verdict verdict;
    const char *members; /* after runbox, name and version */
    const char *pointer; /* of the first finding, where it is BAD or LOADER */
} corpus[] = {
#include "tests/unit/manifest_corpus.inc"
};

static char *read_text(const char *path, size_t *n)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(1 << 20);

    *n = file ? fread(text, 1, (1 << 20) - 1, file) : 0;
    text[*n] = '\0';
    if (file)
        fclose(file);
    return text;
}

static struct json_object *build(const char *text, size_t n)
{
    const char *error = "";
    size_t offset;
    int built = 0;

    return json_check(text, n, &error, &offset) == 0 ? json_build(text, n, &built) : NULL;
}

/* What the schema says about TEXT: valid or not. */
static bool schema_says(const struct schema *s, const char *text)
{
    struct json_object *o = build(text, strlen(text));
    struct findings f = {0};
    bool valid = o && schema_validate(s, o, NULL, &f) == 0;

    findings_free(&f);
    json_object_put(o);
    return valid;
}

static char *full(const char *members)
{
    char *text;

    if (asprintf(&text, "{\"runbox\":1,\"name\":\"a\",\"version\":\"1.0.0\"%s%s}",
                 *members ? "," : "", members) < 0)
        abort();
    return text;
}

static const struct bundle_file files[] = {
    {"data/words.txt", "w", 1}, {"lib/a.lua", "", 0}, {"main.lua", "", 0}, {"src/x.lua", "", 0}};
static const struct bundle bundle = {
    .path = "bundles/x", .files = (struct bundle_file *)files, .count = 4};

static void test_corpus(const struct schema *s)
{
    for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++) {
        bool good = corpus[i].verdict == GOOD, said;
        struct findings f = {0};
        struct manifest *m = NULL;
        struct fault why = {0};
        char *text = full(corpus[i].members);
        int r = manifest_read(text, strlen(text), "m", &bundle, &m, &f, &why);

        ok((r == 0) == good && (r == 0) == (m != NULL), "loader: %.90s (%s)", corpus[i].members,
           why.what);
        if (!good)
            ok(f.count && strcmp(f.item[0].pointer, corpus[i].pointer) == 0, "  at %s (%s)",
               corpus[i].pointer, f.count ? f.item[0].pointer : "nothing found");
        said = schema_says(s, text);
        ok(said == (corpus[i].verdict != BAD), "  the schema agrees");
        manifest_free(m);
        findings_free(&f);
        free(text);
    }
}

static const char bad_text[] =
    "{\n"
    "  \"runbox\": 2,\n"
    "  \"name\": \"Hello\",\n"
    "  \"verison\": \"1.0.0\",\n"
    "  \"limits\": {\n"
    "    \"memory\": \"64X\", \"memroy\": 1, \"cpu_time\": -1,\n"
    "    \"wall_time\": \"9999999999999\"\n"
    "  },\n"
    "  \"capabilities\": [\"CAP_NET_RAW\", \"CAP_NET_RAWW\", \"CAP_NET_RAW\"],\n"
    "  \"main\": \"src/y.lua\",\n"
    "  \"arg\": {\"type\": \"strin\"},\n"
    "  \"filesystem\": {\"scratch\": true}\n"
    "}\n";

static const struct {
    unsigned line, column;
    const char *pointer, *part;
} expected[] = {
    {1, 1, "", "missing member \"version\""},
    {2, 13, "/runbox", "supports 1"},
    {3, 11, "/name", "\"Hello\" is not a bundle's name"},
    {4, 3, "/verison", "did you mean \"version\"?"},
    {6, 15, "/limits/memory", "\"64X\" is not a size (digits, then K, M, G or T)"},
    {6, 22, "/limits/memroy", "did you mean \"memory\"?"},
    {6, 47, "/limits/cpu_time", "\"-1\" is not a duration"},
    {7, 18, "/limits/wall_time", "too large"},
    {9, 35, "/capabilities/1", "did you mean \"CAP_NET_RAW\"?"},
    {9, 51, "/capabilities/2", "listed twice"},
    {10, 11, "/main", "did you mean \"src/x.lua\"?"},
    {11, 19, "/arg/type", "\"strin\""},
    {12, 17, "/filesystem", "needs \"seccomp\""},
    {12, 29, "/filesystem/scratch", "must be a string or a number, not true"},
};

static void test_messages(void)
{
    size_t count = sizeof expected / sizeof *expected;
    struct findings f = {0};
    struct manifest *m = NULL;
    struct fault why = {0};
    int r = manifest_read(bad_text, sizeof bad_text - 1, "x/manifest.json", &bundle, &m, &f, &why);

    ok(r < 0 && !m && f.count == count, "every error comes at once: %zu of %zu", f.count, count);
    for (size_t i = 0; i < count && i < f.count; i++) {
        const struct finding *one = &f.item[i];

        ok(one->place.line == expected[i].line && one->place.column == expected[i].column &&
               strcmp(one->pointer, expected[i].pointer) == 0 &&
               strstr(one->message, expected[i].part),
           "%u:%u %s %s (%u:%u: %s: %s)", expected[i].line, expected[i].column, expected[i].pointer,
           expected[i].part, one->place.line, one->place.column, one->pointer, one->message);
    }
    ok(strcmp(why.where, "x/manifest.json:1:1") == 0 && why.status == STATUS_INVALID,
       "the fault is the first of them: %s: %s", why.where, why.what);
    findings_free(&f);
}

static void test_not_json(void)
{
    static const char text[] = "{\"runbox\": 1,\n \"name\": \"a\", \"name\": \"b\"}";
    struct findings f = {0};
    struct manifest *m = NULL;
    struct fault why = {0};

    ok(manifest_read(text, sizeof text - 1, "m", NULL, &m, &f, &why) < 0 && f.count == 1 &&
           f.item[0].place.line == 2 && f.item[0].place.column == 15,
       "a duplicate member has a place: %s: %s", why.where, why.what);
    findings_free(&f);
    ok(manifest_read("[]", 2, "m", NULL, &m, &f, &why) < 0 && f.count == 1,
       "a list is no manifest: %s", why.what);
    findings_free(&f);
}

static const char whole[] =
    "{\"runbox\":1,\"name\":\"me/x\",\"version\":\"1.2.3-rc.1+b\",\"main\":\"src/"
    "x.lua\",\"entry\":\"go\","
    "\"limits\":{\"memory\":\"32M\",\"cpus\":0.5,\"wall_time\":1.5,\"cpu_time\":\"250ms\",\"swap\":"
    "0,"
    "\"output\":1e6},\"rlimits\":{\"nofile\":8,\"stack\":{\"soft\":1,\"hard\":2}},\"calls\":[\"a."
    "b\",\"c\"],"
    "\"seccomp\":{\"profile\":\"files\",\"allow\":[\"getrandom\"]},\"namespaces\":{\"network\":"
    "\"loopback\","
    "\"hostname\":\"h-1.x\"},\"filesystem\":{\"scratch\":\"1M\",\"mounts\":[{\"source\":\"data\","
    "\"target\":"
    "\"/data\"},{\"source\":\"/srv/d\",\"target\":\"/"
    "out\",\"mode\":\"rw\"}]},\"env\":{\"A\":\"1\"},"
    "\"options\":{\"properties\":{\"n\":{\"type\":\"integer\",\"default\":3}}},\"annotations\":{"
    "\"k\":\"v\"},"
    "\"keyring_access\":[\"aws\"],\"capabilities\":[\"CAP_BPF\"],\"arg\":true,\"result\":{}}";

static void test_values(void)
{
    bool none = false;
    struct findings f = {0};
    struct manifest *m = NULL;
    struct fault why = {0};

    if (!ok(manifest_read(whole, sizeof whole - 1, "m", &bundle, &m, &f, &why) == 0,
            "a manifest with every member loads (%s)", why.what))
        return;
    ok(!strcmp(m->name, "me/x") && !strcmp(m->version, "1.2.3-rc.1+b") &&
           !strcmp(m->main, "src/x.lua") && !strcmp(m->entry, "go") && m->entry_named,
       "texts");
    ok(m->asked.value[LIMIT_MEMORY] == 32 << 20 && m->asked.value[LIMIT_CPUS] == 500 &&
           m->asked.value[LIMIT_WALL_TIME] == 1500000000 &&
           m->asked.value[LIMIT_CPU_TIME] == 250000000 && m->asked.value[LIMIT_SWAP] == 0 &&
           m->asked.value[LIMIT_OUTPUT] == 1000000 && m->asked.value[LIMIT_PROCESSES] == LIMIT_NONE,
       "limits");
    ok(m->rlimits[RLIM_NOFILE].set && m->rlimits[RLIM_NOFILE].hard == 8 &&
           m->rlimits[RLIM_STACK].soft == 1 && m->rlimits[RLIM_STACK].hard == 2 &&
           !m->rlimits[RLIM_CPU].set,
       "rlimits");
    ok(m->calls.count == 2 && !strcmp(m->calls.item[1], "c") && m->allow.count == 1 &&
           m->capabilities.count == 1 && m->keyring_access.count == 1,
       "lists");
    ok(m->profile == PROFILE_FILES && m->network == NETWORK_LOOPBACK &&
           !strcmp(m->hostname, "h-1.x"),
       "profile, network, host name");
    ok(m->scratch == 1 << 20 && m->mount_count == 2 && m->mounts[0].inside && !m->mounts[0].rw &&
           !m->mounts[1].inside && m->mounts[1].rw && !strcmp(m->mounts[1].source, "/srv/d"),
       "file systems");
    ok(m->env_count == 1 && !strcmp(m->env[0].name, "A") && !strcmp(m->env[0].value, "1"), "env");
    ok(m->own.arg_schema && m->options_schema && m->own.result_schema && m->annotations,
       "schemas are compiled");
    ok(m->options_schema && !strcmp(schema_type_of(m->options_schema, "n", &none), "integer"),
       "options' types");
    manifest_free(m);
}

static void test_defaults(void)
{
    struct findings f = {0};
    struct manifest *m = NULL;
    struct fault why = {0};
    char *text = full("");

    if (ok(manifest_read(text, strlen(text), "m", NULL, &m, &f, &why) == 0,
           "three members suffice"))
        ok(!strcmp(m->main, "main.lua") && !strcmp(m->entry, "run") && !m->entry_named &&
               !strcmp(m->hostname, "box") && m->profile == PROFILE_COMPUTE &&
               m->network == NETWORK_NONE && !m->options_schema && m->scratch == 0,
           "defaults");
    manifest_free(m);
    free(text);
}

/* No mutant may crash; loader and schema may differ only where the loader is the stricter one. */
static void test_mutants(const struct schema *s)
{
    unsigned seed = 7, loose = 0, passed = 0;
    char text[sizeof whole];

    for (int round = 0; round < 5000; round++) {
        struct findings f = {0};
        struct manifest *m = NULL;
        struct fault why;

        memcpy(text, whole, sizeof whole);
        for (int i = 0; i <= round % 3; i++) {
            seed = seed * 1103515245 + 12345;
            text[(seed >> 7) % (sizeof whole - 1)] = "\"\\{}[],:0u/.A-1e \xc3"[(seed >> 26) % 18];
        }
        if (manifest_read(text, sizeof text - 1, "m", NULL, &m, &f, &why) == 0) {
            passed++;
            loose += !schema_says(s, text);
        }
        manifest_free(m);
        findings_free(&f);
    }
    ok(loose == 0 && passed > 50, "5000 mutants: %u load, %u of them against the schema", passed,
       loose);
}

/* NAME stands in PAGE as a word on a line that marks it up as a member (".Ic", ".It Ic", ".Ss"). */
static bool is_described(const char *name, const char *page)
{
    const char *at = page;
    size_t n = strlen(name);

    while ((at = strstr(at, name))) {
        const char *line = at;

        while (line > page && line[-1] != '\n')
            line--;
        if ((strncmp(line, ".Ic ", 4) == 0 || strncmp(line, ".Ss ", 4) == 0 ||
             strncmp(line, ".It Ic ", 7) == 0) &&
            at[-1] == ' ' && strchr(" \n", at[n]))
            return true;
        at += n;
    }
    return false;
}

/* Every member that the schema knows, at any depth, stands in the manual page. */
static unsigned missing_members(struct json_object *schema, const char *page)
{
    struct json_object *properties;
    unsigned missing = 0;

    if (json_object_object_get_ex(schema, "properties", &properties)) {
        json_object_object_foreach(properties, name, sub)
        {
            (void)sub;
            if (!is_described(name, page)) {
                missing++;
                printf("# %s is not in the page\n", name);
            }
        }
    }
    if (json_object_is_type(schema, json_type_object)) {
        json_object_object_foreach(schema, name, sub)
        {
            (void)name;
            missing += missing_members(sub, page);
        }
    }
    return missing;
}

int main(void)
{
    size_t n, page_size;
    char *text = read_text("schemas/manifest.schema.json", &n);
    char *page = read_text("man/runbox-manifest.5", &page_size);
    struct json_object *json = build(text, n);
    struct findings f = {0};
    struct schema *s = json ? schema_compile(json, NULL, &f) : NULL;

    if (!ok(s != NULL, "manifest.schema.json compiles (%s: %s)", f.count ? f.item[0].pointer : "",
            f.count ? f.item[0].message : ""))
        return done();
    test_corpus(s);
    test_messages();
    test_not_json();
    test_values();
    test_defaults();
    test_mutants(s);
    ok(schema_says(s, whole), "the schema accepts the whole one too");
    ok(page_size > 0 && missing_members(json, page) == 0, "runbox-manifest(5) has every member");
    schema_free(s);
    json_object_put(json);
    findings_free(&f);
    free(text);
    free(page);
    return done();
}
