/* A schema as the description of options: their types, and their command line form. The schema is a
 * bundle's, untrusted. Never validates. */
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/schema/compile.h"
#include "runtime/json/schema/scratch.h"
#include "runtime/json/utf8.h"
#include "runtime/json/write.h"

#define EXAMPLE_MAX 256 /* bytes of an option as it would be right */
#define NAMES_SHOWN 512 /* bytes of the names of options, roughly */

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

/* Whether NODE has properties, or allows none. */
static bool decides_properties(const struct node *node)
{
    const struct rule *own = node_rule(node, "properties"),
                      *more = node_rule(node, "additionalProperties"),
                      *rest = node_rule(node, "unevaluatedProperties"),
                      *most = node_rule(node, "maxProperties");

    return (own && own->count) || (more && more->nodes[0]->never) ||
           (rest && rest->nodes[0]->never) || (most && most->number == 0) ||
           node_rule(node, "patternProperties") || node->never;
}

bool schema_lacks_properties(const struct schema *s, bool *no_memory)
{
    __attribute__((cleanup(same_free))) struct same same = {0};

    if (same_collect(s->scratch, s->root, &same) < 0) {
        *no_memory = true;
        return false;
    }
    for (size_t i = 0; i < same.count; i++)
        if (decides_properties(same.node[i]))
            return false;
    return true;
}

/* Append the names of all properties to LIST, as far as there is room in a message, and try each as
 * a suggestion. */
static int known_names(const struct schema *s, struct str *list, struct suggestion *near)
{
    __attribute__((cleanup(same_free))) struct same same = {0};
    bool all = true;

    if (same_collect(s->scratch, s->root, &same) < 0)
        return -1;
    for (size_t i = 0; i < same.count; i++) {
        const struct rule *properties = node_rule(same.node[i], "properties");

        for (size_t j = 0; properties && j < properties->count; j++) {
            suggest_try(near, properties->names[j]);
            if (list->len < NAMES_SHOWN)
                str_addf(list, "%s%.64s", list->len ? ", " : "", properties->names[j]);
            else
                all = false;
        }
    }
    str_adds(list, all ? "" : ", ...");
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
        return fault_set(why, STATUS_INVALID, 0, "",
                         s ? "option %s: this bundle names no options (\"options\" in its manifest "
                             "has no \"properties\")"
                           : "option %s: this bundle has no options",
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

/* Append TEXT, of items between commas, as a list of strings in JSON. */
static void add_items(struct str *out, const char *text)
{
    str_addc(out, '[');
    for (const char *end; *text; text = end + (*end == ',')) {
        end = strchrnul(text, ',');
        json_write_text(out, text, (size_t)(end - text));
        str_adds(out, *end && end[1] ? "," : "");
    }
    str_addc(out, ']');
}

/* Append what would be right: option NAME is of TYPES, none of which TEXT has. */
static void add_example(struct str *out, const char *name, const char *text, unsigned types)
{
    autostr struct str word = {0};

    str_addf(&word, "%s=", name);
    if (types & type_named("array"))
        add_items(&word, text);
    else if (types & type_named("boolean"))
        str_adds(&word, "true");
    else if (types & (type_named("integer") | type_named("number")))
        str_adds(&word, "5");
    else if (types & type_named("object"))
        str_adds(&word, "{\"name\":\"value\"}");
    else
        return;
    str_adds(out, ", such as -o ");
    if (word.failed || word.len > EXAMPLE_MAX)
        str_adds(out, "NAME=JSON");
    else
        str_add_word(out, word.data);
}

/* Append the names of TYPES: "integer or null". */
static void add_types(struct str *out, unsigned types)
{
    const char *or = "";

    for (size_t i = 0; i < sizeof type_texts / sizeof *type_texts; i++) {
        unsigned bits = type_named(type_texts[i]);

        if ((types & bits) != bits)
            continue;
        str_addf(out, "%s%s", or, type_texts[i]);
        or = " or ";
    }
}

static int wrong_option(const char *name, const char *text, unsigned types, struct fault *why)
{
    autostr struct str what = {0}, visible = {0};
    char shown[BRIEF], given[BRIEF];

    str_addf(&what, "option %s: %s is not of type ", brief_text(name, shown),
             brief_text(text, given));
    add_types(&what, types);
    str_adds(&what, ": JSON is wanted");
    add_example(&what, name, text, types);
    if (!what.failed)
        visible_add(&visible, what.data);
    if (what.failed || visible.failed)
        return options_no_memory(why);
    return fault_set(why, STATUS_INVALID, 0, "", "%s", visible.data);
}

int schema_convert_option(const struct schema *s, const char *name, const char *text,
                          struct json_object **value, struct fault *why)
{
    unsigned types = 0, string = type_named("string");
    const struct node *node = NULL;
    struct meter own = {0};
    char shown[BRIEF];

    if (s && (option_find(s, name, &node) < 0 || (node && types_of(s, node, &types) < 0)))
        return options_no_memory(why);
    if (!node)
        return unknown_option(s, name, why);
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
    return wrong_option(name, text, types, why);
}
