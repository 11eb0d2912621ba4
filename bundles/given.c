/* Checking what a caller gives. The manifest's schemas are untrusted, but compiled and bounded. */
#include "bundles/given.h"

#include <errno.h>
#include <json-c/json.h>

#include "bundles/loader.h"
#include "schemas/schema.h"

static int no_memory(struct fault *why, const char *where)
{
    return fault_set(why, STATUS_SETUP, ENOMEM, where, "checking it");
}

static int add_text(const struct manifest *m, struct json_object *options, const struct pair *text,
                    struct fault *why)
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

int given_texts(const struct manifest *m, struct json_object **options, const struct pair *texts,
                size_t n, struct fault *why)
{
    if (!*options && n)
        *options = json_object_new_object();
    if (!*options && n)
        return no_memory(why, "options");
    for (size_t i = 0; i < n; i++)
        if (!json_object_object_get_ex(*options, texts[i].name, NULL) &&
            add_text(m, *options, &texts[i], why) < 0)
            return -1;
    return 0;
}

int given_options(const struct manifest *m, struct json_object **options, const struct pair *texts,
                  size_t n, struct findings *f, struct fault *why)
{
    if (!*options)
        *options = json_object_new_object();
    if (!*options)
        return no_memory(why, "options");
    for (size_t i = 0; i < n; i++)
        if (add_text(m, *options, &texts[i], why) < 0)
            return -1;
    if (!m->options_schema && json_object_object_length(*options) > 0)
        return fault_set(why, STATUS_INVALID, 0, "options", "bundle %s takes no options", m->name);
    if (!m->options_schema)
        return 0;
    if (schema_defaults(m->options_schema, *options) < 0)
        return fault_set(why, STATUS_INVALID, 0, "options",
                         "the defaults of /options nest without end");
    if (schema_validate(m->options_schema, *options, NULL, f) < 0)
        return findings_fault(f, "options", why);
    return 0;
}

int given_arg(const struct manifest *m, struct json_object *arg, struct findings *f,
              struct fault *why)
{
    if (m->arg_schema && schema_validate(m->arg_schema, arg, NULL, f) < 0)
        return findings_fault(f, "arg", why);
    return 0;
}

/* By the manifest's own reader, into the one member of a manifest that it fills. */
int given_limits(struct json_object *limits, struct limits *to, struct findings *f,
                 struct fault *why)
{
    const struct path at = {.name = "limits"};
    struct manifest m = {0};
    struct loader l = {.m = &m, .f = f};

    m.asked = *to;
    load_limits(&l, &at, limits, NULL, NULL);
    if (findings_any(f))
        return findings_fault(f, "", why);
    *to = m.asked;
    return 0;
}
