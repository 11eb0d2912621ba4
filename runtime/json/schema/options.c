/* A schema as the description of options: their defaults and types, and their command line form.
 * The schema is a bundle's, untrusted: copies are counted, depth is bounded. Never validates. */
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/schema/compile.h"
#include "runtime/json/schema/scratch.h"
#include "runtime/json/utf8.h"
#include "schemas/setup.h"

#define DEFAULT_DEPTH JSON_DEPTH_MAX /* nested objects */

struct filling {
    const struct schema *schema;
    struct meter *meter;
    struct findings *f;
    size_t text; /* bytes of text, at least, in what was added */
};

/* Report once and give up: the copies made so far are of no use. */
static int fill_fail(struct filling *g, const struct path *at, const struct node *node,
                     const char *what)
{
    autostr struct str where = {0};

    if (g->meter->spent == METER_STOPPED) {
        g->f->stopped = true;
        return -1;
    }
    str_adds(&where, g->schema->origin);
    path_print(node->at, &where);
    findings_add(g->f, at, NULL, false, "%s, at %s of the schema", what,
                 where.len ? where.data : "the root");
    return -1;
}

static int add_defaults(struct filling *g, const struct node *node, const struct path *at,
                        struct json_object *object, unsigned depth);

/* The minimum size of VALUE as text. Recursion is bounded: the schema's text was checked. */
static size_t text_size(struct json_object *value)
{
    size_t n = 2;

    if (json_object_is_type(value, json_type_string))
        return n + (size_t)json_object_get_string_len(value);
    if (json_object_is_type(value, json_type_array))
        for (size_t i = 0; i < json_object_array_length(value); i++)
            n += text_size(json_object_array_get_idx(value, i));
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member) n += 4 + strlen(name) + text_size(member);
    }
    return n;
}

/* Defaults larger than a line of the wire are useless: they would be refused after all the work. */
static int copy_default(struct filling *g, const struct node *node, const struct path *at,
                        struct json_object *value, struct json_object *object)
{
    struct json_object *copy;

    if (json_copy(value, g->meter, &copy) < 0) {
        g->f->no_memory |= !g->meter->spent;
        return g->meter->spent ? fill_fail(g, at, node, meter_why(g->meter)) : -1;
    }
    g->text += text_size(copy) + strlen(at->name);
    if (json_object_object_add(object, at->name, copy) < 0) {
        json_object_put(copy);
        g->f->no_memory = true;
        return -1;
    }
    return g->text < WIRE_LINE_MAX
               ? 0
               : fill_fail(g, at, node, "the defaults exceed the 1 MiB limit of a start line");
}

/* Apply one property: its default if it is absent, then those inside it. */
static int property_default(struct filling *g, const struct node *node, const struct path *at,
                            struct json_object *object, unsigned depth)
{
    struct json_object *member = NULL, *value = NULL;

    if (!json_object_object_get_ex(object, at->name, &member) &&
        json_object_is_type(node->json, json_type_object) &&
        json_object_object_get_ex(node->json, "default", &value)) {
        if (copy_default(g, node, at, value, object) < 0)
            return -1;
        json_object_object_get_ex(object, at->name, &member);
    }
    if (!json_object_is_type(member, json_type_object))
        return 0;
    return add_defaults(g, node, at, member, depth);
}

/* Apply NODE's own `properties`. */
static int own_defaults(struct filling *g, const struct node *node, const struct path *at,
                        struct json_object *object, unsigned depth)
{
    const struct rule *properties = node_rule(node, "properties");

    if (properties && !meter_steps(g->meter, 2 * properties->work))
        return fill_fail(g, at, node, meter_why(g->meter));
    for (size_t i = 0; properties && i < properties->count; i++) {
        const struct path here = {.up = at, .name = properties->names[i]};

        if (property_default(g, properties->nodes[i], &here, object, depth) < 0)
            return -1;
    }
    return 0;
}

static int add_defaults(struct filling *g, const struct node *node, const struct path *at,
                        struct json_object *object, unsigned depth)
{
    __attribute__((cleanup(same_free))) struct same same = {0};

    if (depth == 0)
        return fill_fail(g, at, node, "the defaults nest endlessly");
    if (same_collect(g->schema->scratch, node, &same) < 0) {
        g->f->no_memory = true;
        return -1;
    }
    if (!meter_steps(g->meter, 4 * same.count))
        return fill_fail(g, at, node, meter_why(g->meter));
    for (size_t i = 0; i < same.count; i++)
        if (own_defaults(g, same.node[i], at, object, depth - 1) < 0)
            return -1;
    return 0;
}

int schema_defaults(const struct schema *s, struct json_object *object, struct meter *m,
                    struct findings *f)
{
    struct filling g = {.schema = s, .meter = m, .f = f};

    return add_defaults(&g, s->root, NULL, object, DEFAULT_DEPTH);
}

/* Find the schema of property NAME; *FOUND is NULL if there is none. 0, or -1 if out of memory. */
static int option_find(const struct schema *s, const char *name, const struct node **found)
{
    __attribute__((cleanup(same_free))) struct same same = {0};

    *found = NULL;
    if (same_collect(s->scratch, s->root, &same) < 0)
        return -1;
    for (size_t i = 0; i < same.count; i++) {
        const struct rule *properties = node_rule(same.node[i], "properties");

        for (size_t j = 0; properties && j < properties->count; j++)
            if (strcmp(properties->names[j], name) == 0) {
                *found = properties->nodes[j];
                return 0;
            }
    }
    return 0;
}

/* Set *TYPES to the bits of the types NODE allows; 0 if it sets none. 0, or -1 if out of memory. */
static int types_of(const struct schema *s, const struct node *node, unsigned *types)
{
    __attribute__((cleanup(same_free))) struct same same = {0};

    *types = 0;
    if (same_collect(s->scratch, node, &same) < 0)
        return -1;
    for (size_t i = 0; !*types && i < same.count; i++) {
        const struct rule *type = node_rule(same.node[i], "type");

        if (type)
            *types = type->types;
    }
    return 0;
}

static const char *const type_texts[] = {"string", "integer", "number", "boolean",
                                         "object", "array",   "null"};

static const char *type_text(unsigned types)
{
    for (size_t i = 0; i < sizeof type_texts / sizeof *type_texts; i++)
        if (types && type_named(type_texts[i]) == types)
            return type_texts[i];
    return "";
}

const char *schema_type_of(const struct schema *s, const char *name, bool *no_memory)
{
    const struct node *node;
    unsigned types = 0;
    bool failed = option_find(s, name, &node) < 0 || (node && types_of(s, node, &types) < 0);

    *no_memory |= failed;
    return node && !failed ? type_text(types) : NULL;
}

/* Append the names of all properties to LIST, and try each as a suggestion. */
static int known_names(const struct schema *s, struct str *list, struct suggestion *near)
{
    __attribute__((cleanup(same_free))) struct same same = {0};

    if (same_collect(s->scratch, s->root, &same) < 0)
        return -1;
    for (size_t i = 0; i < same.count; i++) {
        const struct rule *properties = node_rule(same.node[i], "properties");

        for (size_t j = 0; properties && j < properties->count; j++) {
            suggest_try(near, properties->names[j]);
            if (list->len < 512)
                str_addf(list, "%s%.64s", list->len ? ", " : "", properties->names[j]);
        }
    }
    return list->failed ? -1 : 0;
}

static int options_no_memory(struct fault *why)
{
    return fault_set(why, STATUS_SETUP, 0, "options", "not enough memory");
}

static int unknown_option(const struct schema *s, const char *name, struct fault *why)
{
    autostr struct str list = {0}, what = {0};
    struct suggestion near = suggest(name);
    char shown[BRIEF], best[BRIEF];

    if (s && known_names(s, &list, &near) < 0)
        return options_no_memory(why);
    brief_text(name, shown);
    if (!list.len)
        return fault_set(why, STATUS_INVALID, 0, "", "option %s: this bundle has no options",
                         shown);
    str_addf(&what, "unknown option %s", shown);
    if (near.best)
        str_addf(&what, ": did you mean %s?", brief_text(near.best, best));
    str_addf(&what, " (known: %s)", list.data);
    if (what.failed)
        return options_no_memory(why);
    autostr struct str visible = {0};
    visible_add(&visible, what.data);
    return fault_set(why, STATUS_INVALID, 0, "", "%s", visible.failed ? shown : visible.data);
}

static bool options_is_text(const char *text)
{
    const char *end = text + strlen(text);
    uint32_t cp;

    while (text < end) {
        size_t len = utf8_decode(text, end, &cp);

        if (len == 0)
            return false;
        text += len;
    }
    return true;
}

/* Parse TEXT as JSON of one of TYPES (0: any). 0 or -1. */
static int as_json(const char *text, unsigned types, struct meter *m, struct json_object **value)
{
    struct json_error error;

    if (json_read(text, strlen(text), m, value, &error) == 0 &&
        (types == 0 || value_types(*value) & types))
        return 0;
    json_object_put(*value);
    *value = NULL;
    return -1;
}

int schema_convert_option(const struct schema *s, const char *name, const char *text,
                          struct json_object **value, struct fault *why)
{
    unsigned types = 0, string = type_named("string");
    const struct node *node = NULL;
    struct meter own = {0};
    char shown[BRIEF], given[BRIEF];
    const char *type;

    if (s && (option_find(s, name, &node) < 0 || (node && types_of(s, node, &types) < 0)))
        return options_no_memory(why);
    if (!node)
        return unknown_option(s, name, why);
    type = type_text(types);
    *value = NULL;
    if (!options_is_text(text))
        return fault_set(why, STATUS_INVALID, 0, "", "option %s: the value is not UTF-8",
                         brief_text(name, shown));
    if (types != string && as_json(text, types, &own, value) == 0)
        return 0;
    if (types == 0 || types & string) {
        *value = json_object_new_string(text);
        return *value ? 0 : options_no_memory(why);
    }
    return fault_set(why, STATUS_INVALID, 0, "", "option %s: %s is not of type %s",
                     brief_text(name, shown), brief_text(text, given),
                     *type ? type : "that the bundle's manifest gives it");
}
