/* A schema as the description of options: defaults, the type of each, and their text form on a
 * command line. The schema is a bundle's, untrusted: what is copied and how deep is bounded. Never
 * validates. */
#include <stdlib.h>
#include <string.h>

#include "schemas/schema_compile.h"
#include "schemas/utf8.h"

#define DEFAULTS_MAX  10000 /* defaults that one call may add */
#define DEFAULT_DEPTH 64    /* objects and references inside one another */

/* Schemas that hold for the same value as NODE: what it refers to and all of allOf. The I-th, or
 * NULL. */
static const struct node *same_value(const struct node *node, size_t i)
{
    const struct rule *ref = node_rule(node, "$ref"), *all = node_rule(node, "allOf");

    if (ref && i-- == 0)
        return ref->nodes[0];
    return all && i < all->count ? all->nodes[i] : NULL;
}

static int add_defaults(const struct node *node, struct json_object *object, unsigned depth,
                        unsigned *left);

/* One property: its default where it is absent, then what is inside it. */
static int property_default(const struct node *node, const char *name, struct json_object *object,
                            unsigned depth, unsigned *left)
{
    struct json_object *member, *value = NULL, *copy = NULL;

    if (!json_object_object_get_ex(object, name, &member) &&
        json_object_is_type(node->json, json_type_object) &&
        json_object_object_get_ex(node->json, "default", &value)) {
        if ((*left)-- == 0 || (value && json_object_deep_copy(value, &copy, NULL) < 0))
            return -1;
        if (json_object_object_add(object, name, copy) < 0) {
            json_object_put(copy);
            return -1;
        }
        member = copy;
    }
    if (!json_object_is_type(member, json_type_object))
        return 0;
    return add_defaults(node, member, depth, left);
}

static int add_defaults(const struct node *node, struct json_object *object, unsigned depth,
                        unsigned *left)
{
    const struct rule *properties = node_rule(node, "properties");
    const struct node *same;

    if (depth == 0)
        return -1;
    for (size_t i = 0; properties && i < properties->count; i++)
        if (property_default(properties->nodes[i], properties->names[i], object, depth - 1, left) <
            0)
            return -1;
    for (size_t i = 0; (same = same_value(node, i)); i++)
        if (add_defaults(same, object, depth - 1, left) < 0)
            return -1;
    return 0;
}

int schema_defaults(const struct schema *s, struct json_object *object)
{
    unsigned left = DEFAULTS_MAX;

    return add_defaults(s->root, object, DEFAULT_DEPTH, &left);
}

/* The schema that NODE has for its property NAME, or NULL. STEPS bounds circles and trees of
 * references. */
static const struct node *property(const struct node *node, const char *name, unsigned *steps)
{
    const struct rule *properties = node_rule(node, "properties");
    const struct node *same, *found = NULL;

    if (*steps == 0)
        return NULL;
    --*steps;
    for (size_t i = 0; properties && i < properties->count; i++)
        if (strcmp(properties->names[i], name) == 0)
            return properties->nodes[i];
    for (size_t i = 0; !found && (same = same_value(node, i)); i++)
        found = property(same, name, steps);
    return found;
}

/* The types that NODE allows, as bits; 0 where it says nothing. */
static unsigned types_of(const struct node *node, unsigned *steps)
{
    const struct rule *type = node_rule(node, "type");
    const struct node *same;
    unsigned types = 0;

    if (*steps == 0 || type)
        return type ? type->types : 0;
    --*steps;
    for (size_t i = 0; !types && (same = same_value(node, i)); i++)
        types = types_of(same, steps);
    return types;
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

const char *schema_type_of(const struct schema *s, const char *name)
{
    unsigned steps = DEFAULT_DEPTH;
    const struct node *node = property(s->root, name, &steps);

    steps = DEFAULT_DEPTH;
    return node ? type_text(types_of(node, &steps)) : NULL;
}

/* Append the names of all properties to LIST, and try each as a suggestion. */
static void known_names(const struct node *node, struct str *list, struct suggestion *near,
                        unsigned *steps)
{
    const struct rule *properties = node_rule(node, "properties");
    const struct node *same;

    if (*steps == 0)
        return;
    --*steps;
    for (size_t i = 0; properties && i < properties->count; i++) {
        suggest_try(near, properties->names[i]);
        if (list->len < 512)
            str_addf(list, "%s%.64s", list->len ? ", " : "", properties->names[i]);
    }
    for (size_t i = 0; (same = same_value(node, i)); i++)
        known_names(same, list, near, steps);
}

static int unknown_option(const struct schema *s, const char *name, struct fault *why)
{
    autostr struct str list = {0}, what = {0};
    struct suggestion near = suggest(name);
    unsigned steps = DEFAULT_DEPTH;
    char shown[BRIEF], best[BRIEF];

    if (s)
        known_names(s->root, &list, &near, &steps);
    brief_text(name, shown);
    if (!list.len)
        return fault_set(why, STATUS_INVALID, 0, "", "option %s: this bundle has no options",
                         shown);
    str_addf(&what, "no option is called %s", shown);
    if (near.best)
        str_addf(&what, ": did you mean %s?", brief_text(near.best, best));
    str_addf(&what, " (known: %s)", list.data);
    if (what.failed)
        return fault_set(why, STATUS_SETUP, 0, "options", "not enough memory");
    autostr struct str visible = {0};
    visible_add(&visible, what.data);
    return fault_set(why, STATUS_INVALID, 0, "", "%s", visible.failed ? shown : visible.data);
}

static bool is_text(const char *text)
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

/* TEXT as JSON of one of TYPES (0: any). 0 or -1. */
static int as_json(const char *text, unsigned types, struct json_object **value)
{
    const char *error;
    size_t offset;
    int built;

    if (json_check(text, strlen(text), &error, &offset) < 0)
        return -1;
    *value = json_build(text, strlen(text), &built);
    if (built && (types == 0 || value_types(*value) & types))
        return 0;
    json_object_put(*value);
    *value = NULL;
    return -1;
}

int schema_convert_option(const struct schema *s, const char *name, const char *text,
                          struct json_object **value, struct fault *why)
{
    unsigned steps = DEFAULT_DEPTH, types, string = type_named("string");
    const struct node *node = s ? property(s->root, name, &steps) : NULL;
    char shown[BRIEF], given[BRIEF];
    const char *type;

    if (!node)
        return unknown_option(s, name, why);
    steps = DEFAULT_DEPTH;
    types = types_of(node, &steps);
    type = type_text(types);
    *value = NULL;
    if (!is_text(text))
        return fault_set(why, STATUS_INVALID, 0, "", "option %s: the value is not UTF-8",
                         brief_text(name, shown));
    if (types != string && as_json(text, types, value) == 0)
        return 0;
    if (types == 0 || types & string) {
        *value = json_object_new_string(text);
        return *value ? 0 : fault_set(why, STATUS_SETUP, 0, "options", "not enough memory");
    }
    return fault_set(why, STATUS_INVALID, 0, "", "option %s: %s is not of type %s",
                     brief_text(name, shown), brief_text(text, given),
                     *type ? type : "that the bundle's manifest gives it");
}
