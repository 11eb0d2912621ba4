/* bundles/exports.c: which export a caller has chosen, what it lowers, and what is said where there is
 * none of that name. */
#include "bundles/exports.h"

#include <stdlib.h>
#include <string.h>

#include "bundles/manifest.h"
#include "schemas/export.h"
#include "tests/unit/tap.h"

static struct manifest *load(const char *members)
{
    struct manifest *m = NULL;
    struct findings f = {0};
    struct fault why = {0};
    char *text;

    if (asprintf(&text, "{\"runbox\":1,\"name\":\"b\",\"version\":\"1.0.0\"%s}", members) < 0)
        abort();
    if (!ok(manifest_read(text, strlen(text), "m", NULL, &m, &f, &why) == 0, "%.60s loads: %s",
            members, why.what))
        exit(done());
    free(text);
    findings_free(&f);
    return m;
}

/* Whether NAME is refused, and WORDS are what is said. */
static bool refused(const struct manifest *m, const char *name, const char *words)
{
    const struct export *e;
    struct fault why = {0};

    if (exports_choose(m, name, &e, &why) == 0 || e)
        return false;
    if (why.status == STATUS_INVALID && !strcmp(why.where, "export") && !strcmp(why.what, words))
        return true;
    printf("# %s: %s\n", why.where, why.what);
    return false;
}

static void test_names(void)
{
    static const char sixty_four[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789a";
    char longer[70];

    snprintf(longer, sizeof longer, "%sb", sixty_four);
    ok(strlen(sixty_four) == EXPORT_NAME_MAX && export_is_name(sixty_four), "64 bytes are a name");
    ok(!export_is_name(longer), "65 are none");
    ok(export_is_name("_") && export_is_name("end") && export_is_name("__index"),
       "Lua's keywords and metamethods are names");
    ok(!export_is_name("") && !export_is_name("9") && !export_is_name("a.b") &&
           !export_is_name("a b") && !export_is_name("\xc3\xa4") && !export_is_name("a\n"),
       "what is none");
}

static void test_only(void)
{
    struct manifest *m = load(",\"entry\":\"go\",\"arg\":false");
    const struct export *e;
    struct fault why;

    ok(exports_choose(m, "", &e, &why) == 0 && e == &m->own && e->arg_schema,
       "without exports there is one");
    ok(exports_choose(m, "go", &e, &why) == 0 && e == &m->own, "by its entry's name, too");
    ok(refused(m, "run", "b has no export \"run\": it has go"), "and by no other");
    manifest_free(m);
}

static void test_several(void)
{
    struct manifest *m =
        load(",\"arg\":false,\"limits\":{\"cpu_time\":\"2s\"},\"exports\":{"
             "\"add\":{\"arg\":true,\"limits\":{\"cpu_time\":\"1s\",\"output\":9}},"
             "\"mul\":{}}");
    const struct export *e;
    struct fault why;

    ok(exports_choose(m, "mul", &e, &why) == 0 && e == &m->exports[1] && !e->arg_schema,
       "one by name, without the bundle's argument");
    ok(refused(m, "", "b names exports, and none was chosen: it has add, mul"), "none chosen");
    ok(refused(m, "ad", "b has no export \"ad\": did you mean \"add\"? It has add, mul"),
       "one that is misspelt");
    ok(refused(m, "run", "b has no export \"run\": it has add, mul"), "the entry is none of them");
    ok(exports_choose(m, "add", &e, &why) == 0 && e->arg_schema, "another");
    exports_lower(m, e);
    ok(m->asked.value[LIMIT_CPU_TIME] == 1000000000 && m->asked.value[LIMIT_OUTPUT] == 9 &&
           m->asked.value[LIMIT_WALL_TIME] == LIMIT_NONE,
       "what it lowers");
    manifest_free(m);
}

static struct manifest *many(unsigned count, struct fault *why)
{
    struct manifest *m = NULL;
    struct findings f = {0};
    struct str text = {0};

    str_adds(&text, "{\"runbox\":1,\"name\":\"b\",\"version\":\"1.0.0\",\"exports\":{");
    for (unsigned i = 0; i < count; i++)
        str_addf(&text, "%s\"f%u\":{\"arg\":{\"type\":\"array\"}}", i ? "," : "", i);
    str_adds(&text, "}}");
    manifest_read(text.data, text.len, "m", NULL, &m, &f, why);
    findings_free(&f);
    str_free(&text);
    return m;
}

static void test_many(void)
{
    struct fault why = {0};
    const struct export *e;
    struct manifest *m = many(EXPORTS_MAX, &why);
    uint64_t cost = m ? m->meter.steps : 0;

    ok(m && m->export_count == EXPORTS_MAX, "1024 are not too many: %s", why.what);
    ok(m && exports_choose(m, "f1023", &e, &why) == 0 && e->arg_schema, "the last of them");
    ok(m && exports_choose(m, "f1024", &e, &why) < 0 &&
           strstr(why.what, "f15 and 1008 more (runbox describe lists them)"),
       "a list of them is short: %s", why.what);
    manifest_free(m);
    m = many(512, &why);
    ok(m && m->meter.steps > 1000 && m->meter.steps < cost, "their schemas cost the bundle");
    manifest_free(m);
    m = many(EXPORTS_MAX + 1, &why);
    ok(!m && strstr(why.what, "too many exports: 1025, at most 1024 allowed"), "1025 are: %s",
       why.what);
    manifest_free(m);
}

int main(void)
{
    test_names();
    test_only();
    test_several();
    test_many();
    return done();
}
