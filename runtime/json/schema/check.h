/* Internal to schema/: one function for each keyword that constrains an instance (struct
 * keyword.check). */
#ifndef JSON_SCHEMA_CHECK_H
#define JSON_SCHEMA_CHECK_H

#include "runtime/json/schema/run.h"

#define CHECK(name)                                                            \
    bool name(struct run *run, const struct rule *rule, const struct path *at, \
              struct json_object *value)

/* Any value, numbers, strings (value.c, multiple.c). */
CHECK(check_nothing);
CHECK(check_type);
CHECK(check_enum);
CHECK(check_const);
CHECK(check_minimum);
CHECK(check_maximum);
CHECK(check_minimum_04);
CHECK(check_maximum_04);
CHECK(check_exclusive_minimum);
CHECK(check_exclusive_maximum);
CHECK(check_multiple);
CHECK(check_min_length);
CHECK(check_max_length);
CHECK(check_pattern);
CHECK(check_format);

/* Schemas (logic.c). */
CHECK(check_ref);
CHECK(check_dynamic_ref);
CHECK(check_recursive_ref);
CHECK(check_all);
CHECK(check_any);
CHECK(check_one);
CHECK(check_not);
CHECK(check_if);

/* Objects (object.c). */
CHECK(check_properties);
CHECK(check_pattern_properties);
CHECK(check_additional);
CHECK(check_names);
CHECK(check_required);
CHECK(check_dependent_required);
CHECK(check_dependent_schemas);
CHECK(check_dependencies);
CHECK(check_unevaluated_properties);
CHECK(check_min_properties);
CHECK(check_max_properties);

/* Arrays (array.c, seen.c). */
CHECK(check_prefix);
CHECK(check_items);
CHECK(check_items_07);
CHECK(check_additional_items);
CHECK(check_unevaluated_items);
CHECK(check_contains);
CHECK(check_unique);
CHECK(check_min_items);
CHECK(check_max_items);

#endif
