/* The start line, runtime/wire/caller.c and start_line.c: parsed as its schema says, and written again for
 * the box as one line that it can read, which holds of the keyring only what is granted. Its envelope is
 * the same bundle's, and it is no reply. */
#include <json-c/json.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/envelope.h"
#include "tests/fuzz/judge/judge.h"

static char granted_name[] = "a";
static char *granted_names[] = {granted_name};
static const struct names granted = {.item = granted_names, .count = 1};

/* How many entries of the keyring are of the one namespace that is granted; *OTHERS: how many are not. */
static size_t count_entries(struct json_object *keyring, size_t *others)
{
    size_t n = keyring ? json_object_array_length(keyring) : 0, count = 0;

    for (size_t i = 0; i < n; i++) {
        struct json_object *entry = json_object_array_get_idx(keyring, i);

        count += strcmp(json_object_get_string(json_object_object_get(entry, "namespace")),
                        granted_name) == 0;
    }
    *others = n - count;
    return count;
}

static void check_line(const struct start *s)
{
    autosecret struct str line = {.secret = true};
    size_t others, want = count_entries(s->keyring, &others);
    struct json_object *again;
    struct fault why;
    int built;

    if (start_line(s, &granted, &line, &why) < 0) {
        must(strstr(why.what, "no float equals it"), "%s", why.what);
        return;
    }
    must(line.len && memchr(line.data, '\n', line.len) == line.data + line.len - 1, "not one line");
    must(judge_json(line.data, line.len, JSON_DEPTH_MAX), "no JSON: %s", line.data);
    must(judge_line(line.data, line.len), "the box cannot read %s", line.data);
    again = json_build(line.data, line.len, &built);
    must(count_entries(json_object_object_get(again, "keyring"), &others) == want && others == 0,
         "the box gets other keys than are granted: %s", line.data);
    json_object_put(again);
}

/* A longer name is cut off in struct start, and no bundle's. */
static void check_envelope(const struct start *s, const char *text, size_t n)
{
    struct envelope e;
    struct fault why;

    must(!envelope_is_reply(text, n), "a start line that is shown to any monitor: %.*s", (int)n,
         text);
    if (envelope_read(text, n, &e, &why) == 0) {
        must(e.keys == (s->keyring != NULL), "keys: %.*s", (int)n, text);
        must(s->has_bundle ? e.bundle && strncmp(e.bundle, s->bundle, sizeof s->bundle - 1) == 0
                           : !e.bundle,
             "another bundle's: %.*s", (int)n, text);
    }
    envelope_free(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct schema *schema;
    const char *text = (const char *)data;
    bool json = judge_json(text, n, JSON_DEPTH_MAX);
    struct fault why = {0};
    struct start s;

    if (!schema)
        schema = judge_schema("start", NULL);
    if (start_parse(text, n, &s, &why) == 0) {
        must(json && judge_fits(schema, text, n), "accepted, but not by the schema");
        check_line(&s);
        check_envelope(&s, text, n);
        start_free(&s);
        return 0;
    }
    must(*why.what && strlen(why.what) < sizeof why.what, "refused without a word");
    must(judge_harmless(why.what, strlen(why.what), false), "a message with controls");
    must(!json || !judge_compares(text, n) || !judge_fits(schema, text, n),
         "refused, but good by the schema: %s", why.what);
    return 0;
}
