/* A job line: as strict as the start line, whose members it shares. Errors name the place and what
 * was expected; none shows a value. */
#include "runtime/wire/job.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/brief.h"
#include "runtime/json/decimal.h"
#include "runtime/json/json.h"
#include "runtime/json/utf8.h"
#include "runtime/json/write.h"
#include "runtime/wire/source.h"
#include "runtime/wire/start_members.h"
#include "runtime/wire/text.h"

#define PATH_LEN_MAX 4096

static size_t characters(struct json_object *text)
{
    return utf8_count(json_object_get_string(text), (size_t)json_object_get_string_len(text));
}

static char *text_of_id(struct json_object *value)
{
    autostr struct str text = {0};

    if (json_object_is_type(value, json_type_string))
        text_quote(&text, json_object_get_string(value), (size_t)json_object_get_string_len(value));
    else
        json_write(&text, value, false);
    return text.failed ? NULL : steal_pointer(&text.data);
}

/* An integer beyond 64 bits was built as a double, and is rejected here. */
static int take_id(const struct source *from, void *to, struct json_object *value)
{
    struct job *j = to;
    bool is_text = json_object_is_type(value, json_type_string);

    if (!is_text && !json_object_is_type(value, json_type_int) && !json_is_minus_zero(value))
        return source_wrong(from, "/id", "expected a string or a 64-bit integer", "");
    if (is_text && (json_object_get_string_len(value) == 0 || characters(value) > JOB_ID_MAX))
        return source_wrong(from, "/id", "expected a string of 1 to 256 characters", "");
    if (j->id) /* take_all() has already taken it */
        return 0;
    j->id = text_of_id(value);
    return j->id ? 0 : fault_set(from->why, STATUS_SETUP, ENOMEM, from->where, "storing its id");
}

static int take_bundle(const struct source *from, void *to, struct json_object *value)
{
    struct job *j = to;
    const char *text = json_object_get_string(value);

    if (!json_object_is_type(value, json_type_string))
        return source_wrong_type(from, "/bundle", "expected a path, not ", value);
    if (!*text || characters(value) > PATH_LEN_MAX)
        return source_wrong(from, "/bundle", "expected a path of 1 to 4096 characters", "");
    if (!json_c_string(value))
        return source_wrong(from, "/bundle", "a path must not hold \\u0000", "");
    j->bundle = strdup(text);
    return j->bundle
               ? 0
               : fault_set(from->why, STATUS_SETUP, ENOMEM, from->where, "storing its bundle");
}

static int take_limits(const struct source *from, void *to, struct json_object *value)
{
    struct job *j = to;

    if (!json_object_is_type(value, json_type_object))
        return source_wrong_type(from, "/limits", "expected an object, not ", value);
    j->limits = json_object_get(value);
    return 0;
}

static int take_start(const struct source *from, struct job *j, struct json_object *value,
                      int (*take)(const struct source *, void *, struct json_object *))
{
    return take(from, &j->start, value);
}

static int take_export(const struct source *from, void *to, struct json_object *value)
{
    return take_start(from, to, value, start_take_export);
}

static int take_arg(const struct source *from, void *to, struct json_object *value)
{
    return take_start(from, to, value, start_take_arg);
}

static int take_options(const struct source *from, void *to, struct json_object *value)
{
    return take_start(from, to, value, start_take_options);
}

static int take_keyring(const struct source *from, void *to, struct json_object *value)
{
    return take_start(from, to, value, start_take_keyring);
}

static const struct source_member members[] = {
    {"id", take_id},           {"bundle", take_bundle},   {"export", take_export},
    {"arg", take_arg},         {"options", take_options}, {"limits", take_limits},
    {"keyring", take_keyring},
};

/* The id comes first: the result of an invalid job needs it. */
static int take_all(const struct source *from, struct job *j, struct json_object *object)
{
    struct json_object *id;

    if (json_object_is_type(object, json_type_object) &&
        json_object_object_get_ex(object, "id", &id) && take_id(from, j, id) < 0)
        return -1;
    return source_members(from, object, members, sizeof members / sizeof *members,
                          "; a job may have id, bundle, export, arg, options, limits and keyring",
                          j);
}

int job_parse(const char *line, size_t n, const char *where, struct job *j, struct fault *why)
{
    struct source from = {.text = line, .n = n, .where = where, .why = why};
    struct json_object *object;
    int ok;

    *j = (struct job){0};
    object = source_build(&from, NULL, &ok);
    if (!ok)
        return -1;
    ok = take_all(&from, j, object);
    json_object_put(object);
    return ok;
}

void job_free(struct job *j)
{
    free(j->id);
    free(j->bundle);
    json_object_put(j->limits);
    if (j->start.keyring)
        json_wipe(j->start.keyring);
    j->start.keyring = NULL;
    start_free(&j->start);
    *j = (struct job){0};
}
