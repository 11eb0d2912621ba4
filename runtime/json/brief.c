/* Short forms for messages: a text or value truncated. The texts are untrusted; they are cut between
 * characters. Only visible_add() allocates. */
#include "runtime/json/brief.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "runtime/json/utf8.h"

#define SHOWN 64 /* bytes of a text shown in a message; BRIEF leaves room for quotes and dots */

/* The length of the whole characters within the first SHOWN of the N bytes. */
static size_t shown(const char *text, size_t n)
{
    const char *at = text, *end = text + (n < SHOWN + 4 ? n : SHOWN + 4);
    uint32_t cp;

    while (at < end) {
        size_t len = utf8_decode(at, end, &cp);

        if (len == 0 || (size_t)(at - text) + len > SHOWN)
            break;
        at += len;
    }
    return (size_t)(at - text);
}

const char *brief_text(const char *text, char *out)
{
    return brief_bytes(text, strnlen(text, SHOWN + 4), out);
}

const char *brief_bytes(const char *text, size_t n, char *out)
{
    struct str to = {.data = out, .cap = BRIEF, .fixed = true};
    size_t most = shown(text, n), at = 0;

    str_addc(&to, '"');
    for (; at < most && (to.len < BRIEF - 16 || (text[at] & 0xc0) == 0x80); at++)
        if (text[at])
            str_addc(&to, text[at]);
        else
            str_adds(&to, "\\u0000");
    str_adds(&to, at < n ? "...\"" : "\"");
    return out;
}

const char *json_c_string(struct json_object *value)
{
    const char *text = json_object_get_string(value);

    return text && strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

const char *brief_value(struct json_object *value, char *out)
{
    char number[JSON_NUMBER_TEXT];
    const char *text;
    size_t n;

    switch (json_object_get_type(value)) {
    case json_type_string:
        return brief_bytes(json_object_get_string(value), (size_t)json_object_get_string_len(value),
                           out);
    case json_type_object:
    case json_type_array: /* printing a large one whole, only to truncate it, is a waste */
        snprintf(out, BRIEF,
                 json_object_is_type(value, json_type_object) ? "an object" : "an array");
        return out;
    case json_type_boolean:
        return strcpy(out, json_object_get_boolean(value) ? "true" : "false");
    case json_type_null:
        return strcpy(out, "null");
    default:
        text = json_number_text(value, number);
        n = shown(text, strlen(text));
        snprintf(out, BRIEF, "%.*s%s", (int)n, text, text[n] ? "..." : "");
        return out;
    }
}

void visible_add(struct str *out, const char *text)
{
    visible_bytes(out, text, strlen(text));
}

void visible_bytes(struct str *out, const char *text, size_t n)
{
    const char *end = text + n;
    uint32_t cp;

    str_add(out, "", 0); /* so that .data is never NULL */
    while (text < end) {
        size_t len = utf8_decode(text, end, &cp);

        if (len == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
            str_addf(out, "\\u%04x", len ? cp : (unsigned char)*text);
        else
            str_add(out, text, len);
        text += len ? len : 1;
    }
}

/* json-c would print it into memory kept with the value. */
const char *json_number_text(struct json_object *value, char *out)
{
    int64_t n = json_object_get_int64(value);
    const char *written = json_object_get_userdata(value);

    if (json_object_is_type(value, json_type_double) && written)
        return written;
    if (json_object_is_type(value, json_type_double))
        snprintf(out, JSON_NUMBER_TEXT, "%.17g", json_object_get_double(value));
    else if (n < 0)
        snprintf(out, JSON_NUMBER_TEXT, "%" PRId64, n);
    else
        snprintf(out, JSON_NUMBER_TEXT, "%" PRIu64, json_object_get_uint64(value));
    return out;
}
