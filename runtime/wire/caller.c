/* What a caller says: one start line, then replies. A caller is not an enemy but may be wrong:
 * every error names the place and what would be right, and none shows a value, which may be a
 * secret. */
#include "runtime/wire/caller.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "runtime/wire/text.h"
#include "schemas/json.h"

/* Where a text stands, for its errors: the start line is one line, a file has many. */
struct source {
    const char *text, *where;
    size_t n;
    bool is_file;
    struct fault *why;
};

/* WHAT is wrong AT a place of a file, which stands in its errors as FILE:LINE:COLUMN. */
static int wrong_place(const struct source *from, struct json_place at, const char *what)
{
    autostr struct str where = {0};

    str_adds(&where, from->where);
    if (from->is_file)
        str_addf(&where, ":%u:%u", at.line, at.column);
    return fault_set(from->why, STATUS_INVALID, 0, where.failed ? from->where : where.data, "%s",
                     what);
}

/* The value at POINTER is not what it should be. Neither text shows a value: it may be a key. */
static int wrong(const struct source *from, const char *pointer, const char *what,
                 const char *detail)
{
    autostr struct str message = {0};

    str_addf(&message, "%s%s%s%s", pointer, *pointer ? ": " : "", what, detail);
    return wrong_place(from, json_locate(from->text, from->n, pointer, 0),
                       message.failed ? what : message.data);
}

static int wrong_type(const struct source *from, const char *pointer, const char *what,
                      struct json_object *found)
{
    return wrong(from, pointer, what, json_type_to_name(json_object_get_type(found)));
}

/* NAME, which a caller chose, is printed quoted and on one line. */
static int wrong_name(const struct source *from, const char *pointer, const char *name,
                      const char *known)
{
    autostr struct str quoted = {0}, what = {0};

    text_quote(&quoted, name, strlen(name));
    str_adds(&what, "unknown member ");
    if (!quoted.failed)
        text_visible(&what, quoted.data, quoted.len);
    str_adds(&what, known);
    return wrong(from, pointer, what.failed ? "unknown member" : what.data, "");
}

/* One strict JSON value, or NULL with *OK 0 and *WHY. */
static struct json_object *build(const struct source *from, int *ok)
{
    struct json_object *value;
    const char *error;
    size_t offset;

    *ok = 0;
    if (json_check(from->text, from->n, &error, &offset) < 0) {
        struct json_place at = json_place(from->text, from->n, offset);
        char message[160];

        if (from->is_file)
            snprintf(message, sizeof message, "%s", error);
        else
            snprintf(message, sizeof message, "column %u: %s", at.column, error);
        wrong_place(from, at, message);
        return NULL;
    }
    value = json_build(from->text, from->n, ok);
    if (!*ok)
        fault_set(from->why, STATUS_SETUP, 0, from->where, "building its value: not enough memory");
    return value;
}

static const char *const entry_names[] = {"namespace", "access_key", "secret_key"};

static int check_entry_member(const struct source *from, const char *pointer, size_t i,
                              struct json_object *entry)
{
    char at[96];
    struct json_object *value = NULL;
    bool there = json_object_object_get_ex(entry, entry_names[i], &value);
    enum json_type type = json_object_get_type(value);

    /* A key alone is a credential too: sn0int's entries have null there. */
    if (i == 2 && (!there || type == json_type_null))
        return 0;
    if (!there)
        return wrong(from, pointer, "a member is missing: ", entry_names[i]);
    snprintf(at, sizeof at, "%s/%s", pointer, entry_names[i]);
    if (type != json_type_string)
        return wrong_type(from, at, "a string was expected, not ", value);
    if (i < 2 && json_object_get_string_len(value) == 0)
        return wrong(from, at, "a string of at least one character was expected", "");
    return 0;
}

static int check_entry(const struct source *from, const char *pointer, struct json_object *entry)
{
    if (!json_object_is_type(entry, json_type_object))
        return wrong_type(from, pointer,
                          "an object {\"namespace\", \"access_key\", \"secret_key\"} was expected, "
                          "not ",
                          entry);
    for (size_t i = 0; i < 3; i++)
        if (check_entry_member(from, pointer, i, entry) < 0)
            return -1;
    json_object_object_foreach(entry, name, value)
    {
        (void)value;
        if (strcmp(name, entry_names[0]) != 0 && strcmp(name, entry_names[1]) != 0 &&
            strcmp(name, entry_names[2]) != 0)
            return wrong_name(from, pointer, name,
                              "; an entry has namespace, access_key and secret_key");
    }
    return 0;
}

static int check_keyring(const struct source *from, const char *pointer,
                         struct json_object *keyring)
{
    if (!json_object_is_type(keyring, json_type_array))
        return wrong_type(from, pointer,
                          "an array of {\"namespace\", \"access_key\", \"secret_key\"} was "
                          "expected, not ",
                          keyring);
    for (size_t i = 0; i < json_object_array_length(keyring); i++) {
        char at[64];

        snprintf(at, sizeof at, "%s/%zu", pointer, i);
        if (check_entry(from, at, json_object_array_get_idx(keyring, i)) < 0)
            return -1;
    }
    return 0;
}

static int take_arg(const struct source *from, struct start *s, struct json_object *value)
{
    (void)from;
    s->has_arg = true;
    s->arg = json_object_get(value);
    return 0;
}

static int take_options(const struct source *from, struct start *s, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_object))
        return wrong_type(from, "/options", "an object was expected, not ", value);
    s->options = json_object_get(value);
    return 0;
}

static int take_keyring(const struct source *from, struct start *s, struct json_object *value)
{
    if (check_keyring(from, "/keyring", value) < 0)
        return -1;
    s->keyring = json_object_get(value);
    return 0;
}

/* What does not fit 64 bits was built as a double. */
static bool is_count(struct json_object *value)
{
    return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 0;
}

static int take_verbose(const struct source *from, struct start *s, struct json_object *value)
{
    if (!is_count(value))
        return wrong(from, "/verbose", "an integer of at least 0 was expected", "");
    s->verbose = json_object_get_int64(value);
    return 0;
}

static int take_seed(const struct source *from, struct start *s, struct json_object *value)
{
    if (!is_count(value))
        return wrong(from, "/seed", "an integer from 0 to 18446744073709551615 was expected", "");
    s->has_seed = true;
    s->seed = json_object_get_uint64(value);
    return 0;
}

static int take_encoding(const struct source *from, struct start *s, struct json_object *value)
{
    const char *text =
        json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

    if (strcmp(text, "base64") != 0 && strcmp(text, "utf-8") != 0)
        return wrong(from, "/encoding", "\"utf-8\" or \"base64\" was expected", "");
    s->base64 = *text == 'b';
    return 0;
}

static const struct {
    const char *name;
    int (*take)(const struct source *from, struct start *s, struct json_object *value);
} start_members[] = {
    {"arg", take_arg},         {"options", take_options}, {"keyring", take_keyring},
    {"verbose", take_verbose}, {"seed", take_seed},       {"encoding", take_encoding},
};

static int take_start(const struct source *from, struct start *s, struct json_object *object)
{
    const size_t count = sizeof start_members / sizeof start_members[0];

    if (!json_object_is_type(object, json_type_object))
        return wrong_type(from, "", "a JSON object was expected, {} at least, not ", object);
    json_object_object_foreach(object, name, value)
    {
        size_t i = 0;

        while (i < count && strcmp(name, start_members[i].name) != 0)
            i++;
        if (i == count)
            return wrong_name(from, "", name,
                              "; it may have arg, options, keyring, verbose, seed and encoding");
        if (start_members[i].take(from, s, value) < 0)
            return -1;
    }
    return 0;
}

int start_parse(const char *line, size_t n, struct start *s, struct fault *why)
{
    struct source from = {.text = line, .n = n, .where = "start line", .why = why};
    struct json_object *object;
    int ok;

    *s = (struct start){0};
    if (n == 0)
        return wrong(&from, "", "it is empty; a JSON object was expected, {} at least", "");
    object = build(&from, &ok);
    if (!ok)
        return -1;
    ok = take_start(&from, s, object);
    json_object_put(object);
    if (ok < 0)
        start_free(s);
    return ok;
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

    *entries = build(&from, &ok);
    if (!ok)
        return -1;
    if (check_keyring(&from, "", *entries) == 0)
        return 0;
    json_object_put(*entries);
    *entries = NULL;
    return -1;
}
