/* The defaults that a schema gives. It is a bundle's, untrusted: copies are counted, depth is
 * bounded. Never validates. */
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/schema/compile.h"
#include "runtime/json/schema/scratch.h"
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
