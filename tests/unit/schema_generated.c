/* Some hundred hostile manifests, schemas and instances from the grammar of the fuzzers, from fixed seeds: each ends
 * within the budget, well or as invalid with a place. What the clock says of the same is tests/fuzz/cost.c. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/manifest.h"
#include "runtime/base/str.h"
#include "runtime/json/schema/schema.h"
#include "tests/fuzz/judge/hostile.h"
#include "tests/unit/tap.h"

#define SEEDS 300

/* A way that leads to a value: "" is the whole. */
static bool is_pointer(const char *at)
{
    return at && (*at == '\0' || *at == '/');
}

static bool all_placed(const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!is_pointer(f->item[i].pointer) || !*f->item[i].message)
            return false;
    }
    return f->count > 0 && !f->no_memory && !f->stopped;
}

/* Only the charge that was refused may be beyond the budget, and nothing may be after it. */
static bool is_within(const struct meter *m)
{
    return m->spent == METER_STEPS_SPENT || m->steps <= METER_STEPS;
}

/* What became of it, where everything is as it should be; else "". */
static const char *judge_manifest(const struct str *schema)
{
    autostr struct str text = {0};
    struct manifest *m = NULL;
    struct findings f = {0};
    struct fault why = {0};
    const char *end;

    hostile_manifest(schema, &text);
    if (manifest_read(text.data, text.len, "m", NULL, &m, &f, &why) == 0)
        end = is_within(&m->meter) && !findings_any(&f) ? "ok" : "";
    else
        end = why.status == STATUS_INVALID && all_placed(&f) ? "invalid" : "";
    if (!*end)
        printf("# %s: %s\n", f.count ? f.item[0].pointer : "no finding", why.what);
    findings_free(&f);
    manifest_free(m);
    return end;
}

static const char *judge_instance(const struct str *schema, const struct str *instance)
{
    struct json_object *json = NULL, *value = NULL;
    struct findings f = {0};
    struct meter m = {0};
    struct json_error e;
    struct schema *s = NULL;
    const char *end = "";

    if (json_read(schema->data, schema->len, &m, &json, &e) == 0 &&
        json_read(instance->data, instance->len, &m, &value, &e) == 0) {
        s = schema_compile_within(json, (struct schema_mode){0}, NULL, &m, &f);
        if (s && schema_validate_within(s, value, NULL, &m, &f) == 0)
            end = is_within(&m) && !findings_any(&f) ? "ok" : "";
        else
            end = all_placed(&f) ? "invalid" : "";
    } else if (e.spent) {
        end = "too large";
    }
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
    return end;
}

int main(void)
{
    int good = 0, bad = 0, wrong = 0, seeds = fewer(SEEDS);

    for (int seed = 1; seed <= seeds; seed++) {
        autostr struct str schema = {0}, instance = {0};
        const char *one, *other;

        hostile_of_seed((uint32_t)seed, &schema, &instance);
        one = judge_manifest(&schema);
        other = judge_instance(&schema, &instance);
        good += (*one == 'o') + (*other == 'o');
        bad += (*one == 'i') + (*other == 'i');
        if (!*one || !*other)
            printf("# seed %d: manifest \"%s\", instance \"%s\": %.200s\n", seed, one, other,
                   schema.data);
        wrong += !*one || !*other;
    }
    ok(wrong == 0, "%d generated manifests and schemas end well, or as invalid with a place",
       seeds);
    ok(good >= fewer(20) && bad >= fewer(20), "both endings are among them: %d and %d", good, bad);
    return done();
}
