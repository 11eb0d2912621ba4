/* sn0int's start line: see module.h. Members that runbox's own start line also has are taken by the
 * same functions. No error shows a value, which may be a secret. */
#include "runtime/wire/module.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdint.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/write.h"
#include "runtime/wire/start_members.h"
#include "runtime/wire/text.h"
#include "schemas/setup.h"

static int wrong(const char *what, struct fault *why)
{
    return fault_set(why, STATUS_INVALID, 0, "start line", "%s", what);
}

/* An object of the members that runbox's own start line also has. */
static struct json_object *common(struct json_object *root)
{
    static const char *const names[] = {"arg", "options", "keyring", "verbose"};
    struct json_object *own = json_object_new_object(), *value;

    for (size_t i = 0; own && i < sizeof names / sizeof names[0]; i++)
        if (json_object_object_get_ex(root, names[i], &value))
            json_object_object_add(own, names[i], json_object_get(value));
    return own;
}

static const struct source_member members[] = {
    {"arg", start_take_arg},
    {"options", start_take_options},
    {"keyring", start_take_keyring},
    {"verbose", start_take_verbose},
};

static int take_common(struct module *m, const char *line, size_t n, struct fault *why)
{
    struct source from = {.text = line, .n = n, .where = "start line", .why = why};
    struct json_object *own = common(m->root);
    int taken =
        own ? source_members(&from, own, members, sizeof members / sizeof members[0], "", &m->start)
            : fault_set(why, STATUS_SETUP, ENOMEM, "start line", "parsing it");

    json_object_put(own);
    if (taken < 0 || !m->start.options)
        return taken;
    json_object_object_foreach(m->start.options, name, value)
    {
        (void)name;
        if (!json_object_is_type(value, json_type_string))
            return wrong("/options: values must be strings", why);
    }
    return 0;
}

static int take_code(struct module *m, struct fault *why)
{
    struct json_object *module, *script, *code;

    if (!json_object_object_get_ex(m->root, "module", &module) ||
        !json_object_is_type(module, json_type_object))
        return wrong("/module: expected an object with \"script\"", why);
    if (!json_object_object_get_ex(module, "script", &script) ||
        !json_object_is_type(script, json_type_object))
        return wrong("/module/script: expected an object with \"code\"", why);
    if (!json_object_object_get_ex(script, "code", &code) ||
        !json_object_is_type(code, json_type_string))
        return wrong("/module/script/code: expected a string", why);
    m->code = json_object_get_string(code);
    m->code_len = (size_t)json_object_get_string_len(code);
    return 0;
}

static int check_blobs(const struct module *m, struct fault *why)
{
    struct json_object *blobs;

    if (!json_object_object_get_ex(m->root, "blobs", &blobs))
        return 0;
    if (!json_object_is_type(blobs, json_type_array))
        return wrong("/blobs: expected an array of base64 strings", why);
    for (size_t i = 0; i < json_object_array_length(blobs); i++)
        if (!json_object_is_type(json_object_array_get_idx(blobs, i), json_type_string))
            return wrong("/blobs: expected an array of base64 strings", why);
    return 0;
}

static int unread(const char *line, size_t n, const struct json_error *e, struct fault *why)
{
    autostr struct str what = {0}, visible = {0};

    if (!e->what)
        return fault_set(why, STATUS_SETUP, ENOMEM, "start line", "parsing it");
    json_error_add(line, n, e, &what);
    text_line(&visible, what.data ? what.data : "", what.len);
    return fault_set(why, e->spent == METER_STOPPED ? STATUS_CANCELLED : STATUS_INVALID, 0,
                     "start line", "column %u: %s%s", json_place(line, n, e->offset).column,
                     e->spent ? "too large: " : "",
                     what.failed || visible.failed ? e->what : visible.data);
}

int module_parse(const char *line, size_t n, struct module *m, struct fault *why)
{
    struct meter meter = {0};
    struct json_error e;

    *m = (struct module){0};
    if (json_read(line, n, &meter, &m->root, &e) < 0)
        return unread(line, n, &e, why);
    if (!json_object_is_type(m->root, json_type_object))
        return wrong("expected a JSON object", why);
    return take_code(m, why) < 0 || check_blobs(m, why) < 0 ? -1 : take_common(m, line, n, why);
}

void module_free(struct module *m)
{
    json_wipe(m->start.keyring);
    m->start.keyring = NULL;
    start_free(&m->start);
    json_wipe(m->root);
    *m = (struct module){0};
}

int module_line(const struct module *m, struct str *out, struct fault *why)
{
    struct json_object *blobs;

    if (start_line(&m->start, NULL, out, why) < 0)
        return -1;
    if (!json_object_object_get_ex(m->root, "blobs", &blobs))
        return 0;
    out->len -= 2; /* the trailing "}\n" */
    str_adds(out, ",\"blobs\":");
    json_write(out, blobs, false);
    str_adds(out, "}\n");
    if (out->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "start line", "writing it for the box");
    if (out->len > WIRE_LINE_MAX)
        return fault_set(why, STATUS_INVALID, 0, "start line",
                         "its blobs make %zu bytes of it; a box accepts at most %u", out->len,
                         WIRE_LINE_MAX);
    return 0;
}
