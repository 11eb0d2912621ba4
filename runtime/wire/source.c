/* Members of a caller's JSON text, taken one by one. A caller is not hostile but may be
 * wrong: every error names the place and what was expected, and none shows a value, which
 * may be a secret. */
#include "runtime/wire/source.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/json/brief.h"
#include "runtime/json/json.h"
#include "runtime/wire/text.h"

/* WHAT is wrong AT a place; in a file, errors show it as FILE:LINE:COLUMN. */
static int source_wrong_place(const struct source *from, struct json_place at, const char *what)
{
    autostr struct str where = {0};

    str_adds(&where, from->where);
    if (from->is_file)
        str_addf(&where, ":%u:%u", at.line, at.column);
    return fault_set(from->why, STATUS_INVALID, 0, where.failed ? from->where : where.data, "%s",
                     what);
}

int source_wrong(const struct source *from, const char *pointer, const char *what,
                 const char *detail)
{
    autostr struct str message = {0};

    str_addf(&message, "%s%s%s%s", pointer, *pointer ? ": " : "", what, detail);
    return source_wrong_place(from, json_locate(from->text, from->n, pointer, 0),
                              message.failed ? what : message.data);
}

int source_wrong_type(const struct source *from, const char *pointer, const char *what,
                      struct json_object *found)
{
    return source_wrong(from, pointer, what, json_type_to_name(json_object_get_type(found)));
}

int source_wrong_name(const struct source *from, const char *pointer, const char *name,
                      const char *known)
{
    autostr struct str quoted = {0}, what = {0};

    text_quote(&quoted, name, strlen(name));
    str_adds(&what, "unknown member ");
    if (!quoted.failed)
        text_visible(&what, quoted.data, quoted.len);
    str_adds(&what, known);
    return source_wrong(from, pointer, what.failed ? "unknown member" : what.data, "");
}

/* Invalid JSON, or too large. */
static void unread(const struct source *from, const struct json_error *e)
{
    struct json_place at = json_place(from->text, from->n, e->offset);
    autostr struct str message = {0}, visible = {0};

    if (!e->what) {
        fault_set(from->why, STATUS_SETUP, 0, from->where, "not enough memory to build its value");
        return;
    }
    if (e->spent == METER_STOPPED) {
        fault_set(from->why, STATUS_CANCELLED, 0, from->where, "%s", e->what);
        return;
    }
    if (!from->is_file)
        str_addf(&message, "column %u: ", at.column);
    if (e->spent) {
        json_pointer_at(from->text, from->n, e->offset, &message);
        str_adds(&message, ": too large: ");
    }
    json_error_add(from->text, from->n, e, &visible);
    if (!visible.failed)
        text_line(&message, visible.data, visible.len);
    source_wrong_place(from, at, message.failed ? e->what : message.data);
}

struct json_object *source_build(const struct source *from, uint64_t *steps, int *ok)
{
    struct meter meter = {0};
    struct json_object *value;
    struct json_error e;

    *ok = json_read(from->text, from->n, &meter, &value, &e) == 0;
    if (steps)
        *steps = meter.steps;
    if (!*ok)
        unread(from, &e);
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

    /* A key alone is a credential too: sn0int's entries then have null here. */
    if (i == 2 && (!there || type == json_type_null))
        return 0;
    if (!there)
        return source_wrong(from, pointer, "missing member: ", entry_names[i]);
    snprintf(at, sizeof at, "%s/%s", pointer, entry_names[i]);
    if (type != json_type_string)
        return source_wrong_type(from, at, "expected a string, not ", value);
    if (i < 2 && json_object_get_string_len(value) == 0)
        return source_wrong(from, at, "expected a non-empty string", "");
    if (i < 2 && !json_c_string(value))
        return source_wrong(from, at, "must not hold \\u0000", "");
    return 0;
}

static int check_entry(const struct source *from, const char *pointer, struct json_object *entry)
{
    if (!json_object_is_type(entry, json_type_object))
        return source_wrong_type(
            from, pointer,
            "expected an object {\"namespace\", \"access_key\", \"secret_key\"}, not ", entry);
    for (size_t i = 0; i < 3; i++)
        if (check_entry_member(from, pointer, i, entry) < 0)
            return -1;
    json_object_object_foreach(entry, name, value)
    {
        (void)value;
        if (strcmp(name, entry_names[0]) != 0 && strcmp(name, entry_names[1]) != 0 &&
            strcmp(name, entry_names[2]) != 0)
            return source_wrong_name(from, pointer, name,
                                     "; an entry has namespace, access_key and secret_key");
    }
    return 0;
}

int source_keyring(const struct source *from, const char *pointer, struct json_object *keyring)
{
    if (!json_object_is_type(keyring, json_type_array))
        return source_wrong_type(
            from, pointer,
            "expected an array of {\"namespace\", \"access_key\", \"secret_key\"}, not ", keyring);
    for (size_t i = 0; i < json_object_array_length(keyring); i++) {
        char at[64];

        snprintf(at, sizeof at, "%s/%zu", pointer, i);
        if (check_entry(from, at, json_object_array_get_idx(keyring, i)) < 0)
            return -1;
    }
    return 0;
}

int source_members(const struct source *from, struct json_object *object,
                   const struct source_member *rows, size_t count, const char *known, void *to)
{
    if (!json_object_is_type(object, json_type_object))
        return source_wrong_type(from, "", "expected a JSON object, at least {}, not ", object);
    json_object_object_foreach(object, name, value)
    {
        size_t i = 0;

        while (i < count && strcmp(name, rows[i].name) != 0)
            i++;
        if (i == count)
            return source_wrong_name(from, "", name, known);
        if (rows[i].take(from, to, value) < 0)
            return -1;
    }
    return 0;
}
