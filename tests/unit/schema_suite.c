/* The official JSON Schema Test Suite, draft by draft and file by file, with all that is optional, as
 * Debian's package of Test::JSON::Schema::Acceptance has it, or $JSON_SCHEMA_SUITE. What is not expected
 * to hold is listed with its reason, and must fail in just that way. Nothing is fetched: what needs a
 * document of the suite's web server must be refused, and is counted. */
#include <dirent.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/schema/schema.h"
#include "tests/unit/tap.h"

#define DEBIAN "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests"
#define SERVER "http://localhost:1234/"

#define CONTENT "content* are annotations"

static const struct {
    const char *file,
        *group;       /* below each draft's directory; the group's description, NULL: each */
    const char *test; /* NULL: the schema is refused when it is compiled */
    const char *reason;
} exceptions[] = {
#include "tests/unit/schema_suite_exceptions.inc"
};

struct counts {
    size_t good, bad, out;
};

static bool is(const char *pattern, const char *text)
{
    return !pattern || strcmp(pattern, text) == 0;
}

/* Why GROUP of FILE (TEST: of the group; "" for its schema) is not expected to hold, or NULL. FILE is
 * "draft4/type.json": rows for each draft leave out "draft4/". */
static const char *excepted(const char *file, const char *group, const char *test)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if ((strcmp(exceptions[i].file, file) == 0 ||
             strcmp(exceptions[i].file, strchr(file, '/') + 1) == 0) &&
            is(exceptions[i].group, group) &&
            strcmp(exceptions[i].test ? exceptions[i].test : "", test) == 0)
            return exceptions[i].reason;
    return NULL;
}

static const char *text_of(struct json_object *json, const char *name)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(json, name, &value);
    return value ? json_object_get_string(value) : "";
}

static struct json_object *member(struct json_object *json, const char *name)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(json, name, &value);
    return value;
}

static void run_test(const struct schema *s, struct json_object *test, const char *file,
                     const char *group, struct counts *n)
{
    const char *description = text_of(test, "description"),
               *reason = excepted(file, group, description);
    struct findings f = {0};
    bool valid = schema_validate(s, member(test, "data"), NULL, &f) == 0;
    bool right = valid == json_object_get_boolean(member(test, "valid"));

    if (right && !reason) {
        n->good++;
    } else if (!right && reason) {
        n->out++;
    } else {
        n->bad++;
        printf("# %s: %s: %s: %s%s\n", file, group, description,
               right   ? "holds, but is listed as an exception"
               : valid ? "must fail"
                       : "must hold: ",
               !valid && f.count ? f.item[0].message : "");
    }
    findings_free(&f);
}

/* Whether GROUP's schema needs what no one fetches, and F says that it is refused for that. */
static bool is_remote(struct json_object *group, const struct findings *f)
{
    const char *text =
        json_object_to_json_string_ext(member(group, "schema"), JSON_C_TO_STRING_NOSLASHESCAPE);

    return strstr(text, SERVER) && f->count &&
           (strstr(f->item[0].message, "refers outside this schema") ||
            strstr(f->item[0].pointer, "/$schema"));
}

static void run_group(struct json_object *group, struct schema_mode mode, const char *file,
                      struct counts *n)
{
    const char *description = text_of(group, "description"),
               *reason = excepted(file, description, "");
    struct json_object *tests = member(group, "tests");
    size_t count = json_object_array_length(tests);
    struct findings f = {0};
    struct schema *s = schema_compile_as(member(group, "schema"), mode, NULL, &f);

    if (!s || reason) {
        bool right = !s && (reason || is_remote(group, &f));

        n->out += right ? count : 0;
        n->bad += right ? 0 : count;
        if (!right)
            printf("# %s: %s: %s%s\n", file, description, s ? "compiles, but is listed" : "",
                   f.count ? f.item[0].message : "");
    } else {
        for (size_t i = 0; i < count; i++)
            run_test(s, json_object_array_get_idx(tests, i), file, description, n);
    }
    findings_free(&f);
    schema_free(s);
}

static struct json_object *read_json(const char *path)
{
    FILE *file = fopen(path, "re");
    struct str text = {0};
    struct json_object *json = NULL;
    const char *error;
    char buffer[4096];
    size_t n, offset;
    int built = 0;

    while (file && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
        str_add(&text, buffer, n);
    if (file)
        fclose(file);
    if (text.data && json_check(text.data, text.len, &error, &offset) == 0)
        json = json_build(text.data, text.len, &built);
    str_free(&text);
    return json;
}

static int is_json(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');

    return dot && strcmp(dot, ".json") == 0;
}

/* Each file of DIR; NAME stands before its own in messages and exceptions. False: no such suite. */
static bool run_dir(const char *dir, const char *name, struct schema_mode mode, struct counts *all)
{
    struct dirent **list;
    int count = scandir(dir, &list, is_json, alphasort);

    for (int i = 0; i < count; i++) {
        char path[2 * PATH_MAX], file[400];
        struct counts n = {0};
        struct json_object *groups;

        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        snprintf(file, sizeof file, "%s/%s", name, list[i]->d_name);
        groups = read_json(path);
        for (size_t j = 0; groups && j < json_object_array_length(groups); j++)
            run_group(json_object_array_get_idx(groups, j), mode, file, &n);
        ok(groups && n.bad == 0, "%s: %zu hold, %zu do not, %zu excepted", file, n.good, n.bad,
           n.out);
        printf("# %s: %zu hold, %zu do not, %zu excepted\n", file, n.good, n.bad,
               n.out); /* the log's */
        *all = (struct counts){all->good + n.good, all->bad + n.bad, all->out + n.out};
        json_object_put(groups);
        free(list[i]);
    }
    if (count > 0)
        free(list);
    return count > 0;
}

static const struct {
    const char *name;
    int draft;
} drafts[] = {
    {"draft4", 4}, {"draft6", 6}, {"draft7", 7}, {"draft2019-09", 2019}, {"draft2020-12", 2020}};

static void test_draft(const char *suite, const char *name, int draft)
{
    static const char *const below[] = {"", "/optional", "/optional/format"};
    struct counts n = {0};
    bool there = true;

    for (size_t i = 0; i < 3; i++) {
        const struct schema_mode mode = {.draft = draft, .format = i > 0};
        char path[PATH_MAX], shown[100];

        snprintf(path, sizeof path, "%s/%s%s", suite, name, below[i]);
        snprintf(shown, sizeof shown, "%s%s", name, below[i]);
        there = run_dir(path, shown, mode, &n) && there;
    }
    ok(there && n.good && n.bad == 0, "%s in %s: %zu hold, %zu do not, %zu excepted", name, suite,
       n.good, n.bad, n.out);
    printf("# %s: %zu hold, %zu do not, %zu excepted\n", name, n.good, n.bad, n.out);
}

int main(void)
{
    const char *given = getenv("JSON_SCHEMA_SUITE");

    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++)
        test_draft(given ? given : DEBIAN, drafts[i].name, drafts[i].draft);
    return done();
}
