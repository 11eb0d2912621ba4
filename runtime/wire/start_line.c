/* The start line as the box gets it: of the keyring only what was asked for and granted. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "runtime/wire/caller.h"

static bool granted(const struct names *namespaces, struct json_object *entry)
{
    const char *name = json_object_get_string(json_object_object_get(entry, "namespace"));

    for (size_t i = 0; name && i < namespaces->count; i++)
        if (strcmp(namespaces->item[i], name) == 0)
            return true;
    return false;
}

static struct json_object *keyring_of(const struct start *s, const struct names *namespaces)
{
    struct json_object *kept = json_object_new_array();
    size_t n = s->keyring ? json_object_array_length(s->keyring) : 0;

    for (size_t i = 0; kept && i < n; i++) {
        struct json_object *entry = json_object_array_get_idx(s->keyring, i);

        if (granted(namespaces, entry))
            json_object_array_add(kept, json_object_get(entry));
    }
    return kept;
}

int start_line(const struct start *s, const struct names *namespaces, struct str *out,
               struct fault *why)
{
    struct json_object *line = json_object_new_object();
    const char *text = NULL;

    if (line) {
        json_object_object_add(line, "arg", json_object_get(s->arg));
        json_object_object_add(line, "options",
                               s->options ? json_object_get(s->options) : json_object_new_object());
        json_object_object_add(line, "keyring", keyring_of(s, namespaces));
        json_object_object_add(line, "verbose", json_object_new_int64(s->verbose));
        json_object_object_add(line, "seed", json_object_new_int64((int64_t)s->seed));
        text = json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN |
                                                        JSON_C_TO_STRING_NOSLASHESCAPE);
    }
    if (text) {
        str_adds(out, text);
        str_addc(out, '\n');
    }
    json_object_put(line);
    if (!text || out->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "start line", "for the box");
    return 0;
}
