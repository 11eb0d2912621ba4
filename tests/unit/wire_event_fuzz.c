/* runtime/wire/event.c under spoilt lines and noise. A second judge, written on json-c, looks at
 * all that was accepted: it must be JSON of a shape that event.schema.json knows. */
#include "runtime/wire/event.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static const char *const seeds[] = {
    "{\"Log\":{\"Info\":\"a\\n\\u00e9\"}}",
    "{\"Log\":{\"WarnOnce\":\"\xc3\xa9\"}}",
    " {\t\"Log\" : { \"Debug\" : \"x\" } } ",
    "{\"Stdio\":{\"Write\":\"hello\\n\"}}",
    "{\"Stdio\":\"Readline\"}",
    "{\"Stdio\":\"ToEnd\"}",
    "{\"Stdio\":{\"Read\":65536}}",
    "{\"Stdio\":{\"Bytes\":17}}",
    "{\"Call\":{\"method\":\"http.get\",\"params\":{\"a\":[1],\"b\":-1.5e3}}}",
    "{\"Artifact\":{\"name\":\"a.txt\",\"data\":\"Zm9vYg==\",\"more\":true}}",
    "{\"Result\":[true,null,{\"Exit\":\"Ok\"}]}",
    "{\"Exit\":\"Ok\"}",
    "{\"Exit\":{\"Err\":\"main.lua:1: no\"}}",
    "{\"Limit\":{\"name\":\"memory\",\"text\":\"t\"}}",
};

#define SEEDS (sizeof seeds / sizeof seeds[0])

/* The events' members: each an object of some of these. */
static const struct {
    const char *event;
    const char *member;
    enum json_type type; /* json_type_null: any */
    bool required;
} rows[] = {
    {"Log", "Debug", json_type_string, false},      {"Log", "Info", json_type_string, false},
    {"Log", "Success", json_type_string, false},    {"Log", "Warn", json_type_string, false},
    {"Log", "WarnOnce", json_type_string, false},   {"Log", "Error", json_type_string, false},
    {"Log", "Status", json_type_string, false},     {"Stdio", "Write", json_type_string, false},
    {"Stdio", "Read", json_type_int, false},        {"Stdio", "Bytes", json_type_int, false},
    {"Call", "method", json_type_string, true},     {"Call", "params", json_type_null, true},
    {"Artifact", "name", json_type_string, true},   {"Artifact", "data", json_type_string, true},
    {"Artifact", "more", json_type_boolean, false}, {"Exit", "Err", json_type_string, true},
    {"Limit", "name", json_type_string, true},      {"Limit", "text", json_type_string, true},
};

static bool known_object(const char *event, struct json_object *o)
{
    int found = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json_object *v;

        if (strcmp(rows[i].event, event) != 0)
            continue;
        if (!json_object_object_get_ex(o, rows[i].member, &v)) {
            if (rows[i].required)
                return false;
            continue;
        }
        found++;
        if (rows[i].type != json_type_null && json_object_get_type(v) != rows[i].type)
            return false;
    }
    return found > 0 && found == json_object_object_length(o) &&
           ((strcmp(event, "Log") != 0 && strcmp(event, "Stdio") != 0) || found == 1);
}

static bool known_value(const char *event, struct json_object *v)
{
    const char *word = json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;

    if (!strcmp(event, "Result"))
        return true;
    if (word && !strcmp(event, "Stdio"))
        return !strcmp(word, "Readline") || !strcmp(word, "ToEnd");
    if (word)
        return !strcmp(event, "Exit") && !strcmp(word, "Ok");
    return json_object_is_type(v, json_type_object) && known_object(event, v);
}

/* Strict, json-c 0.18 takes every byte of UTF-8 for a control character. */
static int strict(const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (line[i] & 0x80)
            return 0;
    return JSON_TOKENER_STRICT;
}

static bool known_shape(const char *line, size_t n)
{
    struct json_tokener *tok = json_tokener_new_ex(200);
    struct json_object *o;
    bool known = false;

    json_tokener_set_flags(tok, strict(line, n) | JSON_TOKENER_VALIDATE_UTF8);
    o = json_tokener_parse_ex(tok, line, (int)n);
    if (json_tokener_get_error(tok) == json_tokener_success &&
        json_object_is_type(o, json_type_object) && json_object_object_length(o) == 1) {
        struct json_object_iterator it = json_object_iter_begin(o);

        known = known_value(json_object_iter_peek_name(&it), json_object_iter_peek_value(&it));
    }
    json_object_put(o);
    json_tokener_free(tok);
    return known;
}

static size_t insert(char *line, size_t n, size_t room, size_t at, const char *bytes, size_t len)
{
    if (n + len > room)
        return n;
    memmove(line + at + len, line + at, n - at);
    memcpy(line + at, bytes, len);
    return n + len;
}

static size_t spoil(char *line, size_t n, size_t room)
{
    static const char odd[] = "{}[]\",:\\u0019tn-.eE \t\r\n\x80\xc3\xff=/";
    const char *c = odd + (size_t)rand() % (sizeof odd - 1);
    size_t at = (size_t)rand() % n, from = (size_t)rand() % n, len;
    char part[64];

    switch (rand() % 4) {
    case 0: /* another byte */
        line[at] = *c;
        return n;
    case 1: /* a byte less */
        memmove(line + at, line + at + 1, n - at - 1);
        return n - 1;
    case 2: /* a byte more */
        return insert(line, n, room, at, c, 1);
    default: /* a part of it once more */
        len = 1 + (size_t)rand() % sizeof part;
        len = len < n - from ? len : n - from;
        memcpy(part, line + from, len);
        return insert(line, n, room, at, part, len);
    }
}

static void test_spoilt(void)
{
    size_t accepted = 0, wrong = 0;

    for (int i = 0; i < 400000; i++) {
        char line[600];
        const char *seed = seeds[(size_t)rand() % SEEDS], *why = NULL;
        size_t n = strlen(seed);
        struct event e;

        memcpy(line, seed, n);
        for (int k = rand() % 4; k >= 0 && n > 1; k--)
            n = spoil(line, n, sizeof line);
        if (event_parse(line, n, &e, &why) < 0)
            continue;
        accepted++;
        wrong += !known_shape(line, n);
    }
    ok(wrong == 0, "%zu spoilt lines were still good, in the eyes of json-c too", accepted);
    ok(accepted > 1000, "enough of them to mean something");
}

/* The judge must be able to say no. */
static void test_judge(void)
{
    static const char *const wrong[] = {"{\"Log\":{\"Info\":\"x\",\"Warn\":\"y\"}}",
                                        "{\"Log\":{}}",
                                        "{\"Exit\":\"ok\"}",
                                        "{\"Report\":{}}",
                                        "{}",
                                        "{\"Call\":{\"method\":\"m\"}}"};
    size_t yes = 0, no = 0;

    for (size_t i = 0; i < SEEDS; i++)
        yes += known_shape(seeds[i], strlen(seeds[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        no += !known_shape(wrong[i], strlen(wrong[i]));
    ok(yes == SEEDS, "the judge knows the good lines");
    ok(no == sizeof wrong / sizeof wrong[0], "and the bad ones");
}

static void test_noise(void)
{
    size_t accepted = 0;

    for (int i = 0; i < 100000; i++) {
        char line[64] = "";
        size_t n = (size_t)rand() % sizeof line;
        struct event e;
        const char *why;

        for (size_t k = 0; k < n; k++)
            line[k] = (char)rand();
        accepted += event_parse(line, n, &e, &why) == 0;
    }
    ok(accepted == 0, "noise is refused");
}

int main(void)
{
    srand(1);
    test_judge();
    test_spoilt();
    test_noise();
    return done();
}
