/* The caller's start line (its replies: reply.c). No error shows a value: it may be a secret. */
#include "runtime/wire/caller.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "runtime/json/brief.h"
#include "runtime/json/decimal.h"
#include "runtime/json/json.h"
#include "runtime/wire/source.h"
#include "runtime/wire/start_members.h"

int start_take_arg(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;

    (void)from;
    s->has_arg = true;
    s->arg = json_object_get(value);
    return 0;
}

int start_take_options(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;

    if (!json_object_is_type(value, json_type_object))
        return source_wrong_type(from, "/options", "expected an object, not ", value);
    s->options = json_object_get(value);
    return 0;
}

int start_take_keyring(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;

    if (source_keyring(from, "/keyring", value) < 0)
        return -1;
    s->keyring = json_object_get(value);
    return 0;
}

int start_take_export(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;
    const char *name = json_object_is_type(value, json_type_string) ? json_c_string(value) : NULL;

    if (!name || !export_is_name(name))
        return source_wrong(from, "/export", "expected an export's name: " EXPORT_NAME_SHAPE, "");
    snprintf(s->export, sizeof s->export, "%s", name);
    return 0;
}

/* json_read() builds an integer beyond 64 bits as a double. */
static bool is_count(struct json_object *value)
{
    return json_is_minus_zero(value) ||
           (json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 0);
}

int start_take_verbose(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;

    if (!is_count(value))
        return source_wrong(from, "/verbose", "expected an integer, 0 or more", "");
    s->verbose = json_object_get_int64(value);
    return 0;
}

static int take_seed(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;

    if (!is_count(value))
        return source_wrong(from, "/seed", "expected an integer from 0 to 18446744073709551615",
                            "");
    s->has_seed = true;
    s->seed = json_object_get_uint64(value);
    return 0;
}

static int take_encoding(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;
    const char *text = json_object_is_type(value, json_type_string) ? json_c_string(value) : NULL;

    if (!text || (strcmp(text, "base64") != 0 && strcmp(text, "utf-8") != 0))
        return source_wrong(from, "/encoding", "expected \"utf-8\" or \"base64\"", "");
    s->base64 = *text == 'b';
    return 0;
}

static int take_read(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;

    if (!json_object_is_type(value, json_type_boolean))
        return source_wrong_type(from, "/read", "expected true or false, not ", value);
    s->reads = json_object_get_boolean(value);
    return 0;
}

static int take_bundle(const struct source *from, void *to, struct json_object *value)
{
    struct start *s = to;

    if (!json_object_is_type(value, json_type_string))
        return source_wrong_type(from, "/bundle", "expected a string, not ", value);
    if (!json_c_string(value))
        return source_wrong(from, "/bundle", "must not hold \\u0000", "");
    s->has_bundle = true;
    snprintf(s->bundle, sizeof s->bundle, "%s", json_object_get_string(value));
    return 0;
}

static const struct source_member members[] = {
    {"export", start_take_export},
    {"arg", start_take_arg},
    {"options", start_take_options},
    {"keyring", start_take_keyring},
    {"verbose", start_take_verbose},
    {"seed", take_seed},
    {"bundle", take_bundle},
    {"encoding", take_encoding},
    {"read", take_read},
};

int start_parse(const char *line, size_t n, struct start *s, struct fault *why)
{
    struct source from = {.text = line, .n = n, .where = "start line", .why = why};
    struct json_object *object;
    int ok;

    *s = (struct start){0};
    if (n == 0)
        return source_wrong(&from, "", "empty; expected a JSON object, at least {}", "");
    object = source_build(&from, &s->steps, &ok);
    if (!ok)
        return -1;
    ok = source_members(
        &from, object, members, sizeof members / sizeof *members,
        "; a start line may have export, arg, options, keyring, verbose, seed, bundle, encoding "
        "and read",
        s);
    if (ok == 0) {
        json_object_put(object);
        return 0;
    }
    start_free(s);
    json_wipe(object); /* it may hold keys, and a server lives on */
    return -1;
}

void start_free(struct start *s)
{
    json_object_put(s->arg);
    json_object_put(s->options);
    json_object_put(s->keyring);
    *s = (struct start){0};
}

int keyring_parse(const char *text, size_t n, const char *where, struct json_object **entries,
                  struct fault *why)
{
    struct source from = {.text = text, .n = n, .where = where, .is_file = true, .why = why};
    int ok;

    *entries = source_build(&from, NULL, &ok);
    if (!ok)
        return -1;
    if (source_keyring(&from, "", *entries) == 0)
        return 0;
    json_object_put(*entries);
    *entries = NULL;
    return -1;
}
