/* The keywords of JSON Schema 2020-12: what each one's value must be, which instances it is about
 * and what checks it. Those that are not done are listed, so that they are errors and never
 * silently ignored. */
#include <string.h>

#include "schemas/schema_check.h"

#define OBJECT (1u << json_type_object)
#define ARRAY  (1u << json_type_array)
#define TEXT   (1u << json_type_string)
#define NUMBER (1u << json_type_int | 1u << json_type_double)
#define ANY    (~0u)

static const struct keyword keywords[] = {
    {"type", SHAPE_TYPES, ANY, check_type},
    {"enum", SHAPE_LIST, ANY, check_enum},
    {"const", SHAPE_ANY, ANY, check_const},
    {"properties", SHAPE_SCHEMA_MAP, OBJECT, check_properties},
    {"required", SHAPE_NAMES, OBJECT, check_required},
    {"additionalProperties", SHAPE_SCHEMA, OBJECT, check_additional},
    {"patternProperties", SHAPE_PATTERN_MAP, OBJECT, check_pattern_properties},
    {"propertyNames", SHAPE_SCHEMA, OBJECT, check_names},
    {"minProperties", SHAPE_COUNT, OBJECT, check_min_properties},
    {"maxProperties", SHAPE_COUNT, OBJECT, check_max_properties},
    {"dependentRequired", SHAPE_NAMES_MAP, OBJECT, check_dependent_required},
    {"dependentSchemas", SHAPE_SCHEMA_MAP, OBJECT, check_dependent_schemas},
    {"prefixItems", SHAPE_SCHEMAS, ARRAY, check_prefix},
    {"items", SHAPE_SCHEMA, ARRAY, check_items},
    {"contains", SHAPE_SCHEMA, ARRAY, check_contains},
    {"minContains", SHAPE_COUNT, 0, check_nothing},
    {"maxContains", SHAPE_COUNT, 0, check_nothing},
    {"minItems", SHAPE_COUNT, ARRAY, check_min_items},
    {"maxItems", SHAPE_COUNT, ARRAY, check_max_items},
    {"uniqueItems", SHAPE_BOOLEAN, ARRAY, check_unique},
    {"minimum", SHAPE_NUMBER, NUMBER, check_minimum},
    {"maximum", SHAPE_NUMBER, NUMBER, check_maximum},
    {"exclusiveMinimum", SHAPE_NUMBER, NUMBER, check_exclusive_minimum},
    {"exclusiveMaximum", SHAPE_NUMBER, NUMBER, check_exclusive_maximum},
    {"multipleOf", SHAPE_POSITIVE, NUMBER, check_multiple},
    {"minLength", SHAPE_COUNT, TEXT, check_min_length},
    {"maxLength", SHAPE_COUNT, TEXT, check_max_length},
    {"pattern", SHAPE_PATTERN, TEXT, check_pattern},
    {"$ref", SHAPE_REF, ANY, check_ref},
    {"allOf", SHAPE_SCHEMAS, ANY, check_all},
    {"anyOf", SHAPE_SCHEMAS, ANY, check_any},
    {"oneOf", SHAPE_SCHEMAS, ANY, check_one},
    {"not", SHAPE_SCHEMA, ANY, check_not},
    {"if", SHAPE_SCHEMA, ANY, check_if},
    {"then", SHAPE_SCHEMA, 0, check_nothing},
    {"else", SHAPE_SCHEMA, 0, check_nothing},
    {"$defs", SHAPE_SCHEMA_MAP, 0, check_nothing},
    {"definitions", SHAPE_SCHEMA_MAP, 0, check_nothing}, /* its name until draft 7 */

    {"$schema", SHAPE_DIALECT, 0, check_nothing},
    {"$id", SHAPE_ID, 0, check_nothing},
    {"$comment", SHAPE_TEXT, 0, check_nothing},
    {"title", SHAPE_TEXT, 0, check_nothing},
    {"description", SHAPE_TEXT, 0, check_nothing},
    {"default", SHAPE_ANY, 0, check_nothing},
    {"examples", SHAPE_LIST, 0, check_nothing},
    {"deprecated", SHAPE_BOOLEAN, 0, check_nothing},
    {"readOnly", SHAPE_BOOLEAN, 0, check_nothing},
    {"writeOnly", SHAPE_BOOLEAN, 0, check_nothing},
    {"format", SHAPE_TEXT, 0, check_nothing},
    {"contentEncoding", SHAPE_TEXT, 0, check_nothing},
    {"contentMediaType", SHAPE_TEXT, 0, check_nothing},
    {"contentSchema", SHAPE_SCHEMA, 0, check_nothing},

    {"$anchor", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"$dynamicAnchor", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"$dynamicRef", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"$recursiveAnchor", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"$recursiveRef", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"$vocabulary", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"dependencies", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"unevaluatedItems", SHAPE_UNSUPPORTED, 0, check_nothing},
    {"unevaluatedProperties", SHAPE_UNSUPPORTED, 0, check_nothing},
};

const struct keyword *keyword_find(const char *name)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}
