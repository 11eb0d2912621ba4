/* The keywords of JSON Schema's drafts 04, 06, 07, 2019-09 and 2020-12: the form of each value, the
 * instances it applies to, its check, and the siblings that this reads. Those of another draft are
 * ignored, as the drafts require, and `runbox check` tells of them (stray.c). */
#include <string.h>

#include "runtime/base/suggest.h"
#include "runtime/json/schema/check.h"

#define OBJECT (1u << json_type_object)
#define ARRAY  (1u << json_type_array)
#define TEXT   (1u << json_type_string)
#define NUMBER (1u << json_type_int | 1u << json_type_double)
#define ANY    (~0u)

/* The drafts from one on; up to 07; the array form of items. */
#define ALL    (DRAFT_04 | FROM06)
#define FROM06 (DRAFT_06 | FROM07)
#define FROM07 (DRAFT_07 | FROM19)
#define FROM19 (DRAFT_2019_09 | D20)
#define D20    DRAFT_2020_12
#define D19    DRAFT_2019_09
#define D04    DRAFT_04
#define TO19   (DRAFTS_OLD | D19)

static const struct keyword keywords[] = {
    {"type", SHAPE_TYPES, ANY, check_type, ALL, {NULL}},
    {"enum", SHAPE_LIST, ANY, check_enum, ALL, {NULL}},
    {"const", SHAPE_ANY, ANY, check_const, FROM06, {NULL}},
    {"properties", SHAPE_SCHEMA_MAP, OBJECT, check_properties, ALL, {NULL}},
    {"required", SHAPE_NAMES, OBJECT, check_required, ALL, {NULL}},
    {"additionalProperties",
     SHAPE_SCHEMA,
     OBJECT,
     check_additional,
     ALL,
     {"properties", "patternProperties"}},
    {"patternProperties", SHAPE_PATTERN_MAP, OBJECT, check_pattern_properties, ALL, {NULL}},
    {"propertyNames", SHAPE_SCHEMA, OBJECT, check_names, FROM06, {NULL}},
    {"minProperties", SHAPE_COUNT, OBJECT, check_min_properties, ALL, {NULL}},
    {"maxProperties", SHAPE_COUNT, OBJECT, check_max_properties, ALL, {NULL}},
    {"dependentRequired", SHAPE_NAMES_MAP, OBJECT, check_dependent_required, FROM19, {NULL}},
    {"dependentSchemas", SHAPE_SCHEMA_MAP, OBJECT, check_dependent_schemas, FROM19, {NULL}},
    {"prefixItems", SHAPE_SCHEMAS, ARRAY, check_prefix, D20, {NULL}},
    {"items", SHAPE_SCHEMA, ARRAY, check_items, D20, {"prefixItems"}},
    {"items", SHAPE_SCHEMA_OR_SCHEMAS, ARRAY, check_items_07, TO19, {NULL}},
    {"additionalItems", SHAPE_SCHEMA, ARRAY, check_additional_items, TO19, {"items"}},
    {"contains", SHAPE_SCHEMA, ARRAY, check_contains, FROM06, {"minContains", "maxContains"}},
    {"minContains", SHAPE_COUNT, 0, check_nothing, FROM19, {NULL}},
    {"maxContains", SHAPE_COUNT, 0, check_nothing, FROM19, {NULL}},
    {"minItems", SHAPE_COUNT, ARRAY, check_min_items, ALL, {NULL}},
    {"maxItems", SHAPE_COUNT, ARRAY, check_max_items, ALL, {NULL}},
    {"uniqueItems", SHAPE_BOOLEAN, ARRAY, check_unique, ALL, {NULL}},
    {"minimum", SHAPE_NUMBER, NUMBER, check_minimum, FROM06, {NULL}},
    {"maximum", SHAPE_NUMBER, NUMBER, check_maximum, FROM06, {NULL}},
    {"exclusiveMinimum", SHAPE_NUMBER, NUMBER, check_exclusive_minimum, FROM06, {NULL}},
    {"exclusiveMaximum", SHAPE_NUMBER, NUMBER, check_exclusive_maximum, FROM06, {NULL}},
    {"minimum", SHAPE_NUMBER, NUMBER, check_minimum_04, D04, {"exclusiveMinimum"}},
    {"maximum", SHAPE_NUMBER, NUMBER, check_maximum_04, D04, {"exclusiveMaximum"}},
    {"exclusiveMinimum", SHAPE_BOOLEAN, 0, check_nothing, D04, {NULL}},
    {"exclusiveMaximum", SHAPE_BOOLEAN, 0, check_nothing, D04, {NULL}},
    {"multipleOf", SHAPE_POSITIVE, NUMBER, check_multiple, ALL, {NULL}},
    {"minLength", SHAPE_COUNT, TEXT, check_min_length, ALL, {NULL}},
    {"maxLength", SHAPE_COUNT, TEXT, check_max_length, ALL, {NULL}},
    {"pattern", SHAPE_PATTERN, TEXT, check_pattern, ALL, {NULL}},
    {"$ref", SHAPE_REF, ANY, check_ref, ALL, {NULL}},
    {"allOf", SHAPE_SCHEMAS, ANY, check_all, ALL, {NULL}},
    {"anyOf", SHAPE_SCHEMAS, ANY, check_any, ALL, {NULL}},
    {"oneOf", SHAPE_SCHEMAS, ANY, check_one, ALL, {NULL}},
    {"not", SHAPE_SCHEMA, ANY, check_not, ALL, {NULL}},
    {"if", SHAPE_SCHEMA, ANY, check_if, FROM07, {"then", "else"}},
    {"then", SHAPE_SCHEMA, 0, check_nothing, FROM07, {NULL}},
    {"else", SHAPE_SCHEMA, 0, check_nothing, FROM07, {NULL}},
    {"$defs", SHAPE_SCHEMA_MAP, 0, check_nothing, FROM19, {NULL}},
    {"definitions", SHAPE_SCHEMA_MAP, 0, check_nothing, ALL, {NULL}},

    {"$schema", SHAPE_DIALECT, 0, check_nothing, ALL, {NULL}},
    {"$id", SHAPE_ID, 0, check_nothing, FROM06, {NULL}},
    {"id", SHAPE_ID, 0, check_nothing, D04, {NULL}},
    {"$comment", SHAPE_TEXT, 0, check_nothing, FROM07, {NULL}},
    {"title", SHAPE_TEXT, 0, check_nothing, ALL, {NULL}},
    {"description", SHAPE_TEXT, 0, check_nothing, ALL, {NULL}},
    {"default", SHAPE_ANY, 0, check_nothing, ALL, {NULL}},
    {"examples", SHAPE_LIST, 0, check_nothing, FROM06, {NULL}},
    {"deprecated", SHAPE_BOOLEAN, 0, check_nothing, FROM19, {NULL}},
    {"readOnly", SHAPE_BOOLEAN, 0, check_nothing, FROM07, {NULL}},
    {"writeOnly", SHAPE_BOOLEAN, 0, check_nothing, FROM07, {NULL}},
    {"format", SHAPE_FORMAT, TEXT, check_format, ALL, {NULL}},
    {"contentEncoding", SHAPE_TEXT, 0, check_nothing, FROM07, {NULL}},
    {"contentMediaType", SHAPE_TEXT, 0, check_nothing, FROM07, {NULL}},
    {"contentSchema", SHAPE_SCHEMA, 0, check_nothing, FROM19, {NULL}},
    {"$anchor", SHAPE_ANCHOR, 0, check_nothing, FROM19, {NULL}},
    {"$dynamicAnchor", SHAPE_ANCHOR, 0, check_nothing, D20, {NULL}},
    {"$dynamicRef", SHAPE_REF, ANY, check_dynamic_ref, D20, {NULL}},
    {"$vocabulary", SHAPE_VOCABULARY, 0, check_nothing, FROM19, {NULL}},
    {"dependencies", SHAPE_DEPENDENCIES, OBJECT, check_dependencies, ALL, {NULL}},
    {"unevaluatedItems", SHAPE_SCHEMA, ARRAY, check_unevaluated_items, FROM19, {NULL}},
    {"unevaluatedProperties",
     SHAPE_SCHEMA,
     OBJECT,
     check_unevaluated_properties,
     FROM19,
     {"properties"}},

    {"$recursiveAnchor", SHAPE_RECURSIVE_ANCHOR, 0, check_nothing, D19, {NULL}},
    {"$recursiveRef", SHAPE_RECURSIVE_REF, ANY, check_recursive_ref, D19, {NULL}},
    {"$recursiveAnchor", SHAPE_UNSUPPORTED, 0, check_nothing, D20, {NULL}},
    {"$recursiveRef", SHAPE_UNSUPPORTED, 0, check_nothing, D20, {NULL}},
    {"$dynamicAnchor", SHAPE_UNSUPPORTED, 0, check_nothing, D19, {NULL}},
    {"$dynamicRef", SHAPE_UNSUPPORTED, 0, check_nothing, D19, {NULL}},
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
