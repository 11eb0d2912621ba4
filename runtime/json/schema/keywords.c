/* The keywords of JSON Schema 2020-12 and draft-07: the form of each value, the instances it
 * applies to, its check, and the siblings that this reads. Those only in draft 2019-09 are listed
 * so that they are errors, never silently ignored. */
#include <string.h>

#include "runtime/base/suggest.h"
#include "runtime/json/schema/check.h"

#define OBJECT (1u << json_type_object)
#define ARRAY  (1u << json_type_array)
#define TEXT   (1u << json_type_string)
#define NUMBER (1u << json_type_int | 1u << json_type_double)
#define ANY    (~0u)
#define NEW    DRAFT_2020_12
#define OLD    DRAFT_07
#define BOTH   (NEW | OLD)

static const struct keyword keywords[] = {
    {"type", SHAPE_TYPES, ANY, check_type, BOTH, {NULL}},
    {"enum", SHAPE_LIST, ANY, check_enum, BOTH, {NULL}},
    {"const", SHAPE_ANY, ANY, check_const, BOTH, {NULL}},
    {"properties", SHAPE_SCHEMA_MAP, OBJECT, check_properties, BOTH, {NULL}},
    {"required", SHAPE_NAMES, OBJECT, check_required, BOTH, {NULL}},
    {"additionalProperties",
     SHAPE_SCHEMA,
     OBJECT,
     check_additional,
     BOTH,
     {"properties", "patternProperties"}},
    {"patternProperties", SHAPE_PATTERN_MAP, OBJECT, check_pattern_properties, BOTH, {NULL}},
    {"propertyNames", SHAPE_SCHEMA, OBJECT, check_names, BOTH, {NULL}},
    {"minProperties", SHAPE_COUNT, OBJECT, check_min_properties, BOTH, {NULL}},
    {"maxProperties", SHAPE_COUNT, OBJECT, check_max_properties, BOTH, {NULL}},
    {"dependentRequired", SHAPE_NAMES_MAP, OBJECT, check_dependent_required, NEW, {NULL}},
    {"dependentSchemas", SHAPE_SCHEMA_MAP, OBJECT, check_dependent_schemas, NEW, {NULL}},
    {"prefixItems", SHAPE_SCHEMAS, ARRAY, check_prefix, NEW, {NULL}},
    {"items", SHAPE_SCHEMA, ARRAY, check_items, NEW, {"prefixItems"}},
    {"items", SHAPE_SCHEMA_OR_SCHEMAS, ARRAY, check_items_07, OLD, {NULL}},
    {"additionalItems", SHAPE_SCHEMA, ARRAY, check_additional_items, OLD, {"items"}},
    {"contains", SHAPE_SCHEMA, ARRAY, check_contains, BOTH, {"minContains", "maxContains"}},
    {"minContains", SHAPE_COUNT, 0, check_nothing, NEW, {NULL}},
    {"maxContains", SHAPE_COUNT, 0, check_nothing, NEW, {NULL}},
    {"minItems", SHAPE_COUNT, ARRAY, check_min_items, BOTH, {NULL}},
    {"maxItems", SHAPE_COUNT, ARRAY, check_max_items, BOTH, {NULL}},
    {"uniqueItems", SHAPE_BOOLEAN, ARRAY, check_unique, BOTH, {NULL}},
    {"minimum", SHAPE_NUMBER, NUMBER, check_minimum, BOTH, {NULL}},
    {"maximum", SHAPE_NUMBER, NUMBER, check_maximum, BOTH, {NULL}},
    {"exclusiveMinimum", SHAPE_NUMBER, NUMBER, check_exclusive_minimum, BOTH, {NULL}},
    {"exclusiveMaximum", SHAPE_NUMBER, NUMBER, check_exclusive_maximum, BOTH, {NULL}},
    {"multipleOf", SHAPE_POSITIVE, NUMBER, check_multiple, BOTH, {NULL}},
    {"minLength", SHAPE_COUNT, TEXT, check_min_length, BOTH, {NULL}},
    {"maxLength", SHAPE_COUNT, TEXT, check_max_length, BOTH, {NULL}},
    {"pattern", SHAPE_PATTERN, TEXT, check_pattern, BOTH, {NULL}},
    {"$ref", SHAPE_REF, ANY, check_ref, BOTH, {NULL}},
    {"allOf", SHAPE_SCHEMAS, ANY, check_all, BOTH, {NULL}},
    {"anyOf", SHAPE_SCHEMAS, ANY, check_any, BOTH, {NULL}},
    {"oneOf", SHAPE_SCHEMAS, ANY, check_one, BOTH, {NULL}},
    {"not", SHAPE_SCHEMA, ANY, check_not, BOTH, {NULL}},
    {"if", SHAPE_SCHEMA, ANY, check_if, BOTH, {"then", "else"}},
    {"then", SHAPE_SCHEMA, 0, check_nothing, BOTH, {NULL}},
    {"else", SHAPE_SCHEMA, 0, check_nothing, BOTH, {NULL}},
    {"$defs", SHAPE_SCHEMA_MAP, 0, check_nothing, NEW, {NULL}},
    {"definitions", SHAPE_SCHEMA_MAP, 0, check_nothing, BOTH, {NULL}},

    {"$schema", SHAPE_DIALECT, 0, check_nothing, BOTH, {NULL}},
    {"$id", SHAPE_ID, 0, check_nothing, BOTH, {NULL}},
    {"$comment", SHAPE_TEXT, 0, check_nothing, BOTH, {NULL}},
    {"title", SHAPE_TEXT, 0, check_nothing, BOTH, {NULL}},
    {"description", SHAPE_TEXT, 0, check_nothing, BOTH, {NULL}},
    {"default", SHAPE_ANY, 0, check_nothing, BOTH, {NULL}},
    {"examples", SHAPE_LIST, 0, check_nothing, BOTH, {NULL}},
    {"deprecated", SHAPE_BOOLEAN, 0, check_nothing, NEW, {NULL}},
    {"readOnly", SHAPE_BOOLEAN, 0, check_nothing, BOTH, {NULL}},
    {"writeOnly", SHAPE_BOOLEAN, 0, check_nothing, BOTH, {NULL}},
    {"format", SHAPE_FORMAT, TEXT, check_format, BOTH, {NULL}},
    {"contentEncoding", SHAPE_TEXT, 0, check_nothing, BOTH, {NULL}},
    {"contentMediaType", SHAPE_TEXT, 0, check_nothing, BOTH, {NULL}},
    {"contentSchema", SHAPE_SCHEMA, 0, check_nothing, NEW, {NULL}},
    {"$anchor", SHAPE_ANCHOR, 0, check_nothing, NEW, {NULL}},
    {"$dynamicAnchor", SHAPE_ANCHOR, 0, check_nothing, NEW, {NULL}},
    {"$dynamicRef", SHAPE_REF, ANY, check_dynamic_ref, NEW, {NULL}},
    {"$vocabulary", SHAPE_VOCABULARY, 0, check_nothing, NEW, {NULL}},
    {"dependencies", SHAPE_DEPENDENCIES, OBJECT, check_dependencies, BOTH, {NULL}},
    {"unevaluatedItems", SHAPE_SCHEMA, ARRAY, check_unevaluated_items, NEW, {NULL}},
    {"unevaluatedProperties",
     SHAPE_SCHEMA,
     OBJECT,
     check_unevaluated_properties,
     NEW,
     {"properties"}},

    /* From the draft in between: ignoring them would leave open what is meant to be closed. */
    {"$recursiveAnchor", SHAPE_UNSUPPORTED, 0, check_nothing, NEW, {NULL}},
    {"$recursiveRef", SHAPE_UNSUPPORTED, 0, check_nothing, NEW, {NULL}},
};

_Static_assert(sizeof keywords / sizeof *keywords <= KEYWORDS_MAX, "a node has room for each");

const struct keyword *keyword_find(const char *name, enum dialect dialect)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (keywords[i].dialects & dialect && strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

const char *keyword_near(const char *name, enum dialect dialect)
{
    struct suggestion near = suggest(name);

    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (keywords[i].dialects & dialect)
            suggest_try(&near, keywords[i].name);
    return near.best;
}
