/* JSON Schema 2020-12, and 2019-09, draft-07, -06 and -04 if $schema says so: compile once, validate
 * often, collect every failure. Schemas come from bundles and instances from boxes: both are hostile,
 * so recursion, matching and total work are bounded. All keywords of core, applicator, validation and
 * unevaluated; format is asserted if the caller wants it, content* and the rest are annotations;
 * unknown keywords are ignored, as the specification requires. References lead into the schema
 * itself, also by $id and anchors, or to compiled-in schemas (embedded.h); nothing is ever
 * fetched. */
#ifndef JSON_SCHEMA_SCHEMA_H
#define JSON_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/meter.h"
#include "runtime/json/finding.h"
#include "schemas/fault.h"

struct json_object;
struct schema;

struct schema_mode {
    bool format; /* assert the formats listed in format.h */
    int draft;   /* of a schema without $schema: 4, 6, 7, 2019 or 2020; 0: 2020 */
};

/* Compile JSON (an object or a boolean), which must outlive the schema and not change. AT is its
 * place in its document (NULL: it is the document); pointers in findings begin there, references
 * end there. NULL, with findings added to F, on error. M counts the cost, in steps and in bytes
 * that the schema keeps; the first two use a budget of their own. */
struct schema *schema_compile(struct json_object *json, const struct path *at, struct findings *f);
struct schema *schema_compile_as(struct json_object *json, struct schema_mode mode,
                                 const struct path *at, struct findings *f);
struct schema *schema_compile_within(struct json_object *json, struct schema_mode mode,
                                     const struct path *at, struct meter *m, struct findings *f);
void schema_free(struct schema *s); /* NULL is fine */

/* The release of Unicode that patterns know ("15.0.0"). */
const char *schema_unicode(void);

/* Validate VALUE (NULL is JSON null) against S. 0, or -1 with every failure added to F, pointers
 * beginning with AT. An instance that costs more than M has left fails, naming the place in the
 * schema; the first has a budget of its own. Not thread-safe: S keeps its matching memory. */
int schema_validate(const struct schema *s, struct json_object *value, const struct path *at,
                    struct findings *f);
int schema_validate_within(const struct schema *s, struct json_object *value, const struct path *at,
                           struct meter *m, struct findings *f);

/* Add the `default`s in `properties` to OBJECT, and to the objects in it; the copies are charged to
 * M. References are followed; branches of anyOf, oneOf, if and not are not. 0, or -1 and a finding:
 * M is spent, or defaults nest without end, or exceed a line of the wire. */
int schema_defaults(const struct schema *s, struct json_object *object, struct meter *m,
                    struct findings *f);

/* The single type that S, a schema of an object, gives its property NAME: "integer", "string", ...;
 * "" if it gives several or none, NULL if S has no such property, or memory ran out (which sets
 * *NO_MEMORY, never cleared here). Static storage. */
const char *schema_type_of(const struct schema *s, const char *name, bool *no_memory);

/* Whether S, a schema of options, has no property anywhere, and allows some all the same. */
bool schema_lacks_properties(const struct schema *s, bool *no_memory);

/* Add to F what S hardly means to be ignored: keywords of other drafts, and at its top objects that are
 * no keyword. The schema is good all the same. */
void schema_strays(const struct schema *s, struct findings *f);

/* Convert TEXT, as typed after -o NAME=, to the type of S's property NAME: a string's text as it
 * is, any other type's as JSON; if several types or none are given, JSON that fits one of them,
 * else a string. S may be NULL: then there are no options. 0 and *VALUE (owned by the caller; NULL
 * is JSON null), or -1 and *WHY (STATUS_INVALID, "option NAME"), which lists the known names. */
int schema_convert_option(const struct schema *s, const char *name, const char *text,
                          struct json_object **value, struct fault *why);

#endif
