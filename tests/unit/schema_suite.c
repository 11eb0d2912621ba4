/* The official JSON Schema Test Suite, file by file: draft-07 as Debian has it, with the formats, and
 * the required part of draft 2020-12 from $JSON_SCHEMA_SUITE or ../shared/json-schema-suite. What is not
 * expected to hold is listed with its reason, and must fail in just that way. */
#include <dirent.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/schema/schema.h"
#include "tests/unit/tap.h"

#define DEBIAN "/usr/share/json-schema-test-suite/tests/"

#define REMOTE     "the document is remote"
#define ANNOTATION "the format is an annotation"
#define CONTENT    "content* are annotations"

static const struct {
    const char *file, *group; /* the group's description; NULL: each group of the file */
    const char *test;         /* NULL: the schema is refused when it is compiled */
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

/* Why GROUP of FILE (TEST: of the group; "" for its schema) is not expected to hold, or NULL. */
static const char *excepted(const char *file, const char *group, const char *test)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (strcmp(exceptions[i].file, file) == 0 && is(exceptions[i].group, group) &&
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
        bool right = !s && reason;

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
        char path[PATH_MAX], file[300];
        struct counts n = {0};
        struct json_object *groups;

        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        snprintf(file, sizeof file, "%s/%s", name, list[i]->d_name);
        groups = read_json(path);
        for (size_t j = 0; groups && j < json_object_array_length(groups); j++)
            run_group(json_object_array_get_idx(groups, j), mode, file, &n);
        ok(groups && n.bad == 0 && n.good + n.out > 0, "%s: %zu hold, %zu do not, %zu excepted",
           file, n.good, n.bad, n.out);
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

static void test_07(void)
{
    static const struct schema_mode plain = {.draft07 = true};
    static const struct schema_mode formats = {.draft07 = true, .format = true};
    struct counts n = {0};
    bool there = run_dir(DEBIAN "draft7", "draft7", plain, &n) &&
                 run_dir(DEBIAN "draft7/optional", "draft7/optional", formats, &n) &&
                 run_dir(DEBIAN "draft7/optional/format", "draft7/format", formats, &n);

    ok(there, "draft-07 (package json-schema-test-suite): %zu hold, %zu do not, %zu excepted",
       n.good, n.bad, n.out);
}

static void test_2020(void)
{
    const char *given = getenv("JSON_SCHEMA_SUITE");
    const char *dir = given ? given : "../shared/json-schema-suite";
    char path[PATH_MAX];
    struct counts n = {0};

    snprintf(path, sizeof path, "%s/draft2020-12", dir);
    if (run_dir(path, "draft2020-12", (struct schema_mode){0}, &n))
        ok(n.bad == 0, "draft 2020-12: %zu hold, %zu do not, %zu excepted", n.good, n.bad, n.out);
    else
        ok(given == NULL,
           "draft 2020-12 # SKIP no suite at %s: set JSON_SCHEMA_SUITE to a directory with "
           "draft2020-12/ in it",
           path);
}

int main(void)
{
    test_07();
    test_2020();
    return done();
}
