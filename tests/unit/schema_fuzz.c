/* The validator under spoilt schemas and instances: parts of known ones are put in each other's places.
 * Whatever compiles must end in bounded time, must say why a value fails, and must decide the same where
 * findings are wanted as where only the verdict counts. */
#include "runtime/json/schema/schema.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/tap.h"

#define ROUNDS 300000
#define POOL   8192

static const struct {
    const char *schema, *fit, *unfit;
} seeds[] = {
#include "tests/unit/schema_corpus.inc"
};

#define SEEDS (sizeof seeds / sizeof seeds[0])

static struct json_object *schemas[SEEDS], *values[2 * SEEDS], *pool[POOL];
static const char *names[POOL];
static size_t pool_count, name_count;
static uint64_t state = 88172645463325252u;

static size_t random_below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % n);
}

static struct json_object *build(const char *text)
{
    const char *error;
    size_t offset, n = strlen(text);
    int built;

    if (json_check(text, n, &error, &offset) < 0) {
        ok(false, "a seed is no JSON: %s: %.80s", error, text);
        exit(1);
    }
    return json_build(text, n, &built);
}

/* Every value in JSON, and every member's name, may stand somewhere else. */
static void gather(struct json_object *json)
{
    if (pool_count < POOL)
        pool[pool_count++] = json;
    if (json_object_is_type(json, json_type_array))
        for (size_t i = 0; i < json_object_array_length(json); i++)
            gather(json_object_array_get_idx(json, i));
    if (!json_object_is_type(json, json_type_object))
        return;
    json_object_object_foreach(json, name, value)
    {
        if (name_count < POOL)
            names[name_count++] = name;
        gather(value);
    }
}

static struct json_object *copy_of(struct json_object *json)
{
    struct json_object *copy = NULL;

    if (json && json_object_deep_copy(json, &copy, NULL) < 0)
        exit(1);
    return copy;
}

static struct json_object *spoil(struct json_object *json);

static void spoil_member(struct json_object *object)
{
    size_t n = (size_t)json_object_object_length(object), at = n ? random_below(n) : 0, i = 0;
    const char *name = names[random_below(name_count)];

    if (n == 0 || random_below(4) == 0) {
        json_object_object_add(object, name, copy_of(pool[random_below(pool_count)]));
        return;
    }
    json_object_object_foreach(object, key, value)
    {
        if (i++ != at)
            continue;
        if (random_below(6) == 0)
            json_object_object_del(object, key);
        else
            json_object_object_add(object, key, spoil(copy_of(value)));
        return;
    }
}

/* Takes JSON, gives it back with something changed in it. */
static struct json_object *spoil(struct json_object *json)
{
    size_t n;

    if (random_below(3) && json_object_is_type(json, json_type_object)) {
        spoil_member(json);
        return json;
    }
    n = json_object_is_type(json, json_type_array) ? json_object_array_length(json) : 0;
    if (random_below(3) && n) {
        size_t at = random_below(n);

        json_object_array_put_idx(json, at, spoil(copy_of(json_object_array_get_idx(json, at))));
        return json;
    }
    json_object_put(json);
    return copy_of(pool[random_below(pool_count)]);
}

static struct {
    size_t compiled, fit, unfit, costly, mute, split;
    double longest;
} seen;

/* VALUE against S, and against the same schema twice negated, which adds no finding on its way. */
static void judge(const struct schema *s, const struct schema *twice, struct json_object *value)
{
    struct findings f = {0};
    clock_t begin = clock();
    bool fits = schema_validate(s, value, NULL, &f) == 0;
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    bool costly = f.count && strstr(f.item[f.count - 1].message, "too costly");

    seen.fit += fits;
    seen.unfit += !fits;
    seen.costly += costly;
    seen.mute += fits != (f.count == 0);
    seen.longest = seconds > seen.longest ? seconds : seen.longest;
    findings_free(&f);
    if (!twice || costly)
        return;
    if ((schema_validate(twice, value, NULL, &f) == 0) != fits &&
        !strstr(f.count ? f.item[0].message : "", "too costly"))
        printf("# differ (%zu): alone %s\n", ++seen.split, fits ? "fits" : "fails");
    findings_free(&f);
}

static void round_of(struct json_object *schema, struct json_object *value)
{
    static const struct schema_mode modes[] = {{false, false}, {true, false}, {true, true}};
    struct schema_mode mode = modes[random_below(3)];
    struct json_object *negated = json_object_new_object(), *outer = json_object_new_object();
    struct findings f = {0};
    struct schema *s, *twice = NULL;
    size_t before = seen.split;

    json_object_object_add(negated, "not", json_object_get(schema));
    json_object_object_add(outer, "not", negated);
    s = schema_compile_as(schema, mode, NULL, &f);
    /* "#" means another schema when it is wrapped, unless it has its own $id. */
    if (s && !strchr(json_object_to_json_string(schema), '#'))
        twice = schema_compile_as(outer, mode, NULL, &f);
    if (s) {
        seen.compiled++;
        judge(s, twice, value);
    }
    if (seen.split > before)
        printf("# schema %s\n# value %s\n", json_object_to_json_string(schema),
               json_object_to_json_string(value));
    findings_free(&f);
    schema_free(twice);
    schema_free(s);
    json_object_put(outer);
}

int main(void)
{
    clock_t begin = clock();
    int rounds = fewer(ROUNDS);
    double seconds;

    for (size_t i = 0; i < SEEDS; i++) {
        schemas[i] = build(seeds[i].schema);
        values[2 * i] = build(seeds[i].fit);
        values[2 * i + 1] = build(seeds[i].unfit);
        gather(schemas[i]);
        gather(values[2 * i]);
        gather(values[2 * i + 1]);
    }
    for (int i = 0; i < rounds; i++) {
        struct json_object *schema = copy_of(schemas[random_below(SEEDS)]);
        struct json_object *value = copy_of(pool[random_below(pool_count)]);

        for (size_t n = 1 + random_below(4); n > 0; n--)
            schema = spoil(schema);
        round_of(schema, value);
        json_object_put(schema);
        json_object_put(value);
    }
    seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    ok(seen.compiled > (size_t)rounds / 10, "%zu of %d spoilt schemas compile", seen.compiled,
       rounds);
    ok(seen.fit && seen.unfit, "%zu values fit, %zu do not, %zu are too costly", seen.fit,
       seen.unfit, seen.costly);
    ok(seen.mute == 0, "whatever fails has a finding, whatever fits has none");
    ok(seen.split == 0, "the verdict does not depend on whether findings are wanted");
    ok(seen.longest < 8, "the longest took %.2f s; all took %.1f s", seen.longest, seconds);
    for (size_t i = 0; i < SEEDS; i++) {
        json_object_put(schemas[i]);
        json_object_put(values[2 * i]);
        json_object_put(values[2 * i + 1]);
    }
    return done();
}
