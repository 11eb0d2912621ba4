/* Turns a manifest into the description of a tool. Reads schemas as JSON, one level deep, without
 * following references. Validates nothing: manifest_load() did. */
#include "bundles/describe.h"

#include <json-c/json.h>
#include <string.h>

#include "runtime/json/brief.h"
#include "runtime/json/write.h"
#include "schemas/limits.h"

#define COLUMN 24          /* where the type in a row begins */
#define PRETTY (64u << 10) /* bytes of JSON that are still indented */

static struct json_object *names_array(const struct names *names)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; list && i < names->count; i++)
        json_object_array_add(list, json_object_new_string(names->item[i]));
    return list;
}

static struct json_object *schema_or(struct json_object *schema, const char *otherwise)
{
    return schema ? json_object_get(schema) : json_tokener_parse(otherwise);
}

/* A text member of a schema or manifest, or NULL. */
static struct json_object *text_of(struct json_object *object, const char *name)
{
    struct json_object *value;

    return json_object_object_get_ex(object, name, &value) &&
                   json_object_is_type(value, json_type_string)
               ? value
               : NULL;
}

struct describe_row {
    const char *name;
    struct json_object *value; /* taken over */
};

/* An object of the rows; NULL: no memory. */
static struct json_object *describe_object(const struct describe_row *rows, size_t count)
{
    struct json_object *object = json_object_new_object();
    bool failed = !object;

    for (size_t i = 0; i < count; i++) {
        failed = failed || !rows[i].value;
        if (!object || json_object_object_add(object, rows[i].name, rows[i].value) < 0) {
            json_object_put(rows[i].value);
            failed = true;
        }
    }
    if (!failed)
        return object;
    json_object_put(object);
    return NULL;
}

static struct json_object *describe_prose(struct json_object *text)
{
    return text ? json_object_get(text) : json_object_new_string("");
}

/* As the manifest has them. */
static struct json_object *limits_of(const struct manifest *m, const struct export *e)
{
    struct json_object *exports = json_object_object_get(m->root, "exports");

    return schema_or(json_object_object_get(json_object_object_get(exports, e->name), "limits"),
                     "{}");
}

static struct json_object *describe_exports(const struct manifest *m)
{
    struct json_object *all = json_object_new_object();

    for (size_t i = 0; all && i < m->export_count; i++) {
        const struct export *e = &m->exports[i];
        const struct describe_row rows[] = {
            {"description", describe_prose(e->description)},
            {"inputSchema", schema_or(e->arg, "{}")},
            {"outputSchema", schema_or(e->result, "{}")},
            {"limits", limits_of(m, e)},
        };
        struct json_object *one = describe_object(rows, sizeof rows / sizeof *rows);

        if (!one || json_object_object_add(all, e->name, one) < 0) {
            json_object_put(one);
            json_object_put(all);
            return NULL;
        }
    }
    return all;
}

void describe_json(const struct manifest *m, struct str *out)
{
    const struct describe_row rows[] = {
        {"name", json_object_new_string(m->name)},
        {"version", json_object_new_string(m->version)},
        {"description", describe_prose(text_of(m->root, "description"))},
        {"inputSchema", schema_or(m->own.arg, "{}")},
        {"outputSchema", schema_or(m->own.result, "{}")},
        {"options", schema_or(m->options, "{\"type\":\"object\",\"additionalProperties\":false}")},
        {"calls", names_array(&m->calls)},
        {"keyring_access", names_array(&m->keyring_access)},
        {"exports", m->export_count ? describe_exports(m) : NULL},
    };
    const size_t count = sizeof rows / sizeof *rows - !m->export_count;
    struct json_object *root = describe_object(rows, count);
    autostr struct str line = {0};

    out->failed |= !root;
    json_write(&line, root, false);
    /* Indenting makes deeply nested JSON up to a hundred times longer, and unreadable anyway. */
    if (line.len <= PRETTY)
        json_write(out, root, true);
    else
        str_add(out, line.data, line.len);
    str_addc(out, '\n');
    out->failed |= line.failed;
    json_object_put(root);
}

/* "string", "object or null", "one of "a", "b""; "anything" where the schema does not say. */
static void add_type(struct json_object *schema, struct str *out)
{
    struct json_object *list;
    bool values = json_object_object_get_ex(schema, "enum", &list);
    char shown[BRIEF];

    if (!values && !json_object_object_get_ex(schema, "type", &list)) {
        visible_add(out, json_object_object_get_ex(schema, "const", &list)
                             ? brief_value(list, shown)
                             : "anything");
        return;
    }
    if (!json_object_is_type(list, json_type_array)) {
        str_adds(out, json_object_get_string(list));
        return;
    }
    str_adds(out, values ? "one of " : "");
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *one = json_object_array_get_idx(list, i);

        str_adds(out, i == 0 ? "" : values ? ", " : " or ");
        visible_add(out, values ? brief_value(one, shown) : json_object_get_string(one));
    }
}

/* The names that SCHEMA requires, as the members of an object, for fast lookup. */
static struct json_object *required_of(struct json_object *schema, struct str *out)
{
    struct json_object *list, *set = json_object_new_object();

    out->failed |= !set;
    if (!set || !json_object_object_get_ex(schema, "required", &list))
        return set;
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (json_object_object_add(set, json_object_get_string(json_object_array_get_idx(list, i)),
                                   NULL) < 0)
            out->failed = true;
    return set;
}

/* TEXT is the manifest's: it must not be able to begin a line. */
static void end_row(struct json_object *text, struct str *out)
{
    str_adds(out, text ? ": " : "");
    if (text)
        visible_bytes(out, json_object_get_string(text), (size_t)json_object_get_string_len(text));
    str_addc(out, '\n');
}

static void describe_add_row(struct json_object *required, const char *name,
                             struct json_object *member, const char *before, struct str *out)
{
    size_t start = out->len;
    struct json_object *value = NULL;
    struct json_object *text = text_of(member, "description");
    bool has = json_object_is_type(member, json_type_object) &&
               json_object_object_get_ex(member, "default", &value);
    char shown[BRIEF];

    str_addf(out, "  %s", before);
    visible_add(out, name);
    str_addf(out, "%*s ", out->len - start < COLUMN ? (int)(COLUMN - (out->len - start)) : 0, "");
    add_type(member, out);
    str_adds(out, has                                               ? ", default "
                  : json_object_object_get_ex(required, name, NULL) ? ", required"
                                                                    : "");
    if (has)
        visible_add(out, brief_value(value, shown));
    end_row(text, out);
}

static void add_schema(const char *title, struct json_object *schema, const char *before,
                       struct str *out)
{
    struct json_object *text = text_of(schema, "description");
    struct json_object *properties, *required;

    str_addf(out, "%s: ", title);
    if (!schema)
        str_adds(out, "anything");
    else if (json_object_is_type(schema, json_type_boolean))
        str_adds(out, json_object_get_boolean(schema) ? "anything" : "nothing");
    else
        add_type(schema, out);
    end_row(text, out);
    if (!json_object_is_type(schema, json_type_object) ||
        !json_object_object_get_ex(schema, "properties", &properties))
        return;
    required = required_of(schema, out);
    json_object_object_foreach(properties, name, member)
    {
        describe_add_row(required, name, member, before, out);
    }
    json_object_put(required);
}

static void describe_add_limits(const struct export *e, struct str *out)
{
    bool any = false;
    char value[32];

    for (int i = 0; i < LIMIT__COUNT; i++) {
        if (e->limits.value[i] == LIMIT_NONE)
            continue;
        limit_print((enum limit)i, e->limits.value[i], value, sizeof value);
        str_addf(out, "%s %s %s", any ? "," : "  limits:", limit_info[i].text, value);
        any = true;
    }
    str_adds(out, any ? "\n" : "");
}

static void add_export(const struct export *e, struct str *out)
{
    str_addf(out, "\nexport %s", e->name);
    end_row(e->description, out);
    add_schema("  argument", e->arg, "  ", out);
    add_schema("  result", e->result, "  ", out);
    describe_add_limits(e, out);
}

static void add_names(const char *title, const struct names *names, struct str *out)
{
    if (!names->count)
        return;
    str_addf(out, "\n%s:", title);
    for (size_t i = 0; i < names->count; i++)
        str_addf(out, " %s", names->item[i]);
    str_addc(out, '\n');
}

void describe_text(const struct manifest *m, struct str *out)
{
    str_addf(out, "%s %s", m->name, m->version);
    end_row(text_of(m->root, "description"), out);
    if (!m->export_count)
        add_schema("\nargument", m->own.arg, "", out);
    if (m->options)
        add_schema("\noptions", m->options, "-o ", out);
    if (!m->export_count)
        add_schema("\nresult", m->own.result, "", out);
    for (size_t i = 0; i < m->export_count; i++)
        add_export(&m->exports[i], out);
    add_names("calls at the caller", &m->calls, out);
    add_names("keyring namespaces", &m->keyring_access, out);
}
