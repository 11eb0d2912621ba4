/* Checks what a caller gives. The manifest's schemas are untrusted, but compiled and bounded. */
#include "bundles/arguments.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "bundles/loader.h"
#include "runtime/json/schema/schema.h"

static int no_memory(struct fault *why, const char *where)
{
    return fault_set(why, STATUS_SETUP, ENOMEM, where, "checking it");
}

static int arguments_add_text(const struct manifest *m, struct json_object *options,
                              const struct pair *text, struct fault *why)
{
    struct json_object *value = NULL;

    if (schema_convert_option(m->options_schema, text->name, text->value, &value, why) < 0)
        return -1;
    if (json_object_object_add(options, text->name, value) < 0) {
        json_object_put(value);
        return no_memory(why, "options");
    }
    return 0;
}

int arguments_texts(const struct manifest *m, struct json_object **options,
                    const struct pair *texts, size_t n, struct fault *why)
{
    if (!*options && n)
        *options = json_object_new_object();
    if (!*options && n)
        return no_memory(why, "options");
    for (size_t i = 0; i < n; i++)
        if (!json_object_object_get_ex(*options, texts[i].name, NULL) &&
            arguments_add_text(m, *options, &texts[i], why) < 0)
            return -1;
    return 0;
}

int arguments_options(const struct manifest *m, struct json_object **options,
                      const struct pair *texts, size_t n, struct meter *work, struct findings *f,
                      struct fault *why)
{
    if (!*options)
        *options = json_object_new_object();
    if (!*options)
        return no_memory(why, "options");
    for (size_t i = 0; i < n; i++)
        if (arguments_add_text(m, *options, &texts[i], why) < 0)
            return -1;
    if (!m->options_schema && json_object_object_length(*options) > 0)
        return fault_set(why, STATUS_INVALID, 0, "options", "bundle %s takes no options", m->name);
    if (!m->options_schema)
        return 0;
    if (schema_defaults(m->options_schema, *options, work, f) < 0 ||
        schema_validate_within(m->options_schema, *options, NULL, work, f) < 0)
        return findings_fault(f, "options", why);
    return 0;
}

/* Whether F is about the schema of member NAME alone: other rules may depend on what a job adds. */
static bool is_of_member(const struct finding *f, const char *name)
{
    struct path properties = {.name = "properties"}, member = {.up = &properties, .name = name};
    autostr struct str way = {0};

    path_print(&member, &way);
    return f->schema && !way.failed && strncmp(f->schema, way.data, way.len) == 0 &&
           (f->schema[way.len] == '/' || !f->schema[way.len]);
}

int arguments_texts_check(const struct manifest *m, const struct pair *texts, size_t n,
                          struct fault *why)
{
    struct json_object *options = NULL;
    struct findings all = {0};
    struct meter work = m->meter;
    struct fault ignored;
    int r = arguments_texts(m, &options, texts, n, why);

    if (r == 0 && n)
        arguments_options(m, &options, NULL, 0, &work, &all, &ignored);
    for (size_t i = 0; r == 0 && i < all.count; i++)
        for (size_t j = 0; r == 0 && j < n; j++)
            if (is_of_member(&all.item[i], texts[j].name))
                r = finding_fault(&all.item[i], "options", why);
    findings_free(&all);
    json_object_put(options);
    return r;
}

int arguments_arg(const struct export *e, struct json_object *arg, const char *missing,
                  struct meter *work, struct findings *f, struct fault *why)
{
    if (!e->arg_schema || schema_validate_within(e->arg_schema, arg, NULL, work, f) == 0)
        return 0;
    if (missing && !work->spent)
        findings_hint(f, missing);
    return findings_fault(f, "arg", why);
}

/* Uses the manifest's own reader, on a manifest of which it fills this one member. */
int arguments_limits(struct json_object *limits, struct limits *to, struct findings *f,
                     struct fault *why)
{
    const struct path at = {.name = "limits"};
    struct manifest m = {0};
    struct loader l = {.m = &m, .f = f, .meter = &m.meter};

    m.asked = *to;
    load_limits(&l, &at, limits, NULL, NULL);
    if (findings_any(f))
        return findings_fault(f, "", why);
    *to = m.asked;
    return 0;
}
