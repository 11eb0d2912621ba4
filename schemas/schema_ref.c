/* References within a schema: "#" and "#/a/pointer" (RFC 6901, 6: percent-encoded) to the node
 * compiled from the JSON value found there. Where the value is no subschema, the reference is an
 * error. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/base/str.h"
#include "schemas/schema_compile.h"

static int hex(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;

    return at ? (int)((at - digits) & 15) : -1;
}

/* The next token of *AT, decoded into OUT; *AT moves to the '/' or end behind it. */
static void next_token(const char **at, struct str *out)
{
    const char *p = *at;

    for (; *p && *p != '/'; p++) {
        char c = *p;

        if (c == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
            c = (char)(hex(p[1]) << 4 | hex(p[2]));
            p += 2;
        }
        if (c == '~' && (p[1] == '0' || p[1] == '1'))
            c = *++p == '1' ? '/' : '~';
        str_addc(out, c);
    }
    *at = p;
}

static struct json_object *element(struct json_object *array, const char *token)
{
    char *end;
    unsigned long index = strtoul(token, &end, 10);

    if (*token < '0' || *token > '9' || *end || (*token == '0' && token[1]))
        return NULL;
    return index < json_object_array_length(array) ? json_object_array_get_idx(array, index) : NULL;
}

/* The JSON value that POINTER ("/a/b", still percent-encoded) names, or NULL. */
static struct json_object *resolve(struct json_object *value, const char *pointer)
{
    while (value && *pointer) {
        autostr struct str token = {0};
        struct json_object *next = NULL;

        if (*pointer++ != '/')
            return NULL;
        str_add(&token, "", 0);
        next_token(&pointer, &token);
        if (token.failed)
            return NULL;
        if (json_object_is_type(value, json_type_object))
            json_object_object_get_ex(value, token.data, &next);
        else if (json_object_is_type(value, json_type_array))
            next = element(value, token.data);
        value = next;
    }
    return value;
}

static struct node *node_of(const struct schema *s, const struct json_object *json)
{
    for (struct node *node = s->nodes; node; node = node->next)
        if (node->json == json)
            return node;
    return NULL;
}

static bool resolve_rule(struct compiler *c, struct rule *rule)
{
    const char *text = json_object_get_string(rule->value);
    struct json_object *json = resolve(c->schema->root->json, text + 1);
    char shown[BRIEF];

    rule->nodes[0] = json ? node_of(c->schema, json) : NULL;
    if (!rule->nodes[0])
        findings_add(c->f, &rule->at, NULL, false, "%s leads to no subschema of this schema",
                     brief_text(text, shown));
    return rule->nodes[0];
}

bool compile_refs(struct compiler *c)
{
    bool good = true;

    for (struct node *node = c->schema->nodes; node; node = node->next)
        for (size_t i = 0; i < node->count; i++)
            if (node->rules[i].keyword->shape == SHAPE_REF)
                good = resolve_rule(c, &node->rules[i]) && good;
    return good;
}
