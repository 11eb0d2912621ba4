/* The box's start line: only the keyring entries that were asked for and granted. Keys are written
 * straight into the line: json-c's own printing would leave copies of them in freed memory. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "runtime/json/write.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/start_members.h"
#include "runtime/wire/text.h"
#include "schemas/setup.h"

static bool granted(const struct names *namespaces, struct json_object *entry)
{
    const char *name = json_object_get_string(json_object_object_get(entry, "namespace"));

    for (size_t i = 0; name && i < namespaces->count; i++)
        if (strcmp(namespaces->item[i], name) == 0)
            return true;
    return false;
}

static void add_entry(struct str *out, struct json_object *entry)
{
    char before = '{';

    json_object_object_foreach(entry, name, value)
    {
        str_addf(out, "%c\"%s\":", before, name);
        if (value)
            text_quote(out, json_object_get_string(value),
                       (size_t)json_object_get_string_len(value));
        else
            str_adds(out, "null");
        before = ',';
    }
    str_addc(out, '}');
}

static void add_keyring(struct str *out, const struct start *s, const struct names *namespaces)
{
    size_t count = s->keyring ? json_object_array_length(s->keyring) : 0;
    bool first = true;

    str_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(s->keyring, i);

        if (namespaces && !granted(namespaces, entry))
            continue;
        if (!first)
            str_addc(out, ',');
        first = false;
        add_entry(out, entry);
    }
    str_addc(out, ']');
}

static void add_value(struct str *out, const char *name, struct json_object *value)
{
    str_adds(out, name);
    json_write(out, value, false);
}

int start_line(const struct start *s, const struct names *namespaces, struct str *out,
               struct fault *why)
{
    /* The longest seed: whether a line fits must not depend on the seed drawn. */
    static const char longest[] = "-9223372036854775808";
    size_t seed, most;

    if (start_exact(s, why) < 0)
        return -1;
    add_value(out, "{\"arg\":", s->arg);
    if (s->options)
        add_value(out, ",\"options\":", s->options);
    else
        str_adds(out, ",\"options\":{}");
    str_addf(out, ",\"verbose\":%lld,\"seed\":", (long long)s->verbose);
    seed = out->len;
    str_addf(out, "%lld", (long long)s->seed);
    seed = out->len - seed;
    str_adds(out, ",\"keyring\":");
    add_keyring(out, s, namespaces);
    if (s->export[0])
        str_addf(out, ",\"export\":\"%s\"", s->export);
    if (s->instructions)
        str_addf(out, ",\"instructions\":%llu", (unsigned long long)s->instructions);
    if (s->base64 || s->bytes)
        str_adds(out, s->base64 ? ",\"encoding\":\"base64\"" : ",\"encoding\":\"bytes\"");
    str_adds(out, s->reads ? ",\"read\":true" : "");
    str_adds(out, s->paced ? ",\"paced\":true}\n" : "}\n");
    if (out->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "start line", "writing it for the box");
    most = out->len - seed + sizeof longest - 1;
    if (most > WIRE_LINE_MAX)
        return fault_set(why, STATUS_INVALID, 0, "start line",
                         "argument, options and keys take %zu bytes; a box accepts at most %u",
                         most, WIRE_LINE_MAX);
    return 0;
}
