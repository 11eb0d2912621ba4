/* A file of keys, runtime/wire/caller.c: it says what a start line's "keyring" says, and is taken where that
 * is. No message shows what may be a secret. */
#include <json-c/json.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/wire/caller.h"
#include "tests/fuzz/judge/judge.h"

/* One level less is left to it inside a start line. */
static bool start_takes(const char *text, size_t n)
{
    autosecret struct str line = {.secret = true};
    struct fault why;
    struct start s;
    bool takes;

    str_adds(&line, "{\"keyring\":");
    str_add(&line, text, n);
    str_addc(&line, '}');
    takes = start_parse(line.data, line.len, &s, &why) == 0;
    if (takes)
        must(s.keyring, "there are no keys");
    if (takes)
        start_free(&s);
    return takes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *text = (const char *)data;
    struct json_object *entries = NULL;
    struct fault why = {0};
    bool good = keyring_parse(text, n, "keys", &entries, &why) == 0;

    if (judge_json(text, n, JSON_DEPTH_MAX - 1))
        must(good == start_takes(text, n), "a start line says otherwise: %s", why.what);
    if (good) {
        must(json_object_is_type(entries, json_type_array), "not an array");
        json_wipe(entries);
        return 0;
    }
    must(*why.what && judge_harmless(why.what, strlen(why.what), false), "a message: %s", why.what);
    /* The name of a member that is unknown, or there twice, is shown, and may be anything. */
    must(!strstr(why.what, "SECRET") || strstr(why.what, "unknown member") ||
             strstr(why.what, "duplicate member"),
         "it shows a key: %s", why.what);
    return 0;
}
