/* Writes trees read by json.c, and so of bounded depth, as text. Trusts that texts are UTF-8. */
#include "runtime/json/write.h"

#include <json-c/json.h>
#include <string.h>

#include "runtime/json/brief.h"

struct writer {
    struct str *out;
    unsigned level;
    bool indented;
};

static void write_value(struct writer *w, struct json_object *value);

void json_write_text(struct str *out, const char *bytes, size_t n)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *plain = bytes, *end = bytes + n;

    str_addc(out, '"');
    for (const char *p = bytes; p < end; p++) {
        const char *simple;

        if ((unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
            continue;
        simple = strchr(from, *p);
        str_add(out, plain, (size_t)(p - plain));
        if (*p && simple)
            str_addf(out, "\\%c", to[simple - from]);
        else
            str_addf(out, "\\u%04x", (unsigned char)*p);
        plain = p + 1;
    }
    str_add(out, plain, (size_t)(end - plain));
    str_addc(out, '"');
}

/* Before each item, and before the end of a list that has any. */
static void new_line(struct writer *w)
{
    if (w->indented)
        str_addf(w->out, "\n%*s", (int)(2 * w->level), "");
}

static void write_array(struct writer *w, struct json_object *array)
{
    size_t n = json_object_array_length(array);

    str_addc(w->out, '[');
    w->level++;
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_addc(w->out, ',');
        new_line(w);
        write_value(w, json_object_array_get_idx(array, i));
    }
    w->level--;
    if (n)
        new_line(w);
    str_addc(w->out, ']');
}

static void write_object(struct writer *w, struct json_object *object)
{
    bool first = true;

    str_addc(w->out, '{');
    w->level++;
    json_object_object_foreach(object, name, value)
    {
        if (!first)
            str_addc(w->out, ',');
        first = false;
        new_line(w);
        json_write_text(w->out, name, strlen(name));
        str_adds(w->out, w->indented ? ": " : ":");
        write_value(w, value);
    }
    w->level--;
    if (!first)
        new_line(w);
    str_addc(w->out, '}');
}

static void write_value(struct writer *w, struct json_object *value)
{
    char number[JSON_NUMBER_TEXT];

    switch (json_object_get_type(value)) {
    case json_type_null:
        str_adds(w->out, "null");
        break;
    case json_type_boolean:
        str_adds(w->out, json_object_get_boolean(value) ? "true" : "false");
        break;
    case json_type_int:
    case json_type_double:
        str_adds(w->out, json_number_text(value, number));
        break;
    case json_type_string:
        json_write_text(w->out, json_object_get_string(value),
                        (size_t)json_object_get_string_len(value));
        break;
    case json_type_array:
        write_array(w, value);
        break;
    case json_type_object:
        write_object(w, value);
        break;
    }
}

void json_write(struct str *out, struct json_object *value, bool indented)
{
    struct writer w = {.out = out, .indented = indented};

    write_value(&w, value);
}
