/* Overwriting: what the functions that hold keys leave behind, and the line that carries them. */
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/str.h"
#include "runtime/json/json.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/lines.h"
#include "tests/unit/tap.h"

static bool holds(const char *bytes, size_t n, const char *text)
{
    return memmem(bytes, n, text, strlen(text)) != NULL;
}

static struct json_object *parse(const char *text)
{
    int built;
    struct json_object *value = json_build(text, strlen(text), &built);

    ok(built, "%.20s...", text);
    return value;
}

static void test_json(void)
{
    struct json_object *value =
        parse("[{\"a\":\"secret\",\"b\":[\"secret\",null,1,{\"c\":\"\\u0073ecret\"}]},\"\"]");
    struct json_object *first = json_object_get(json_object_array_get_idx(value, 0));
    struct json_object *list = json_object_object_get(first, "b"), *inner;

    json_wipe(value);
    inner = json_object_object_get(json_object_array_get_idx(list, 3), "c");
    ok(strcmp(json_object_get_string(json_object_object_get(first, "a")), "") == 0 &&
           json_object_get_string(json_object_array_get_idx(list, 0))[5] == '\0' &&
           json_object_get_string(inner)[5] == '\0',
       "every string, for everybody who shares it");
    json_object_put(first);
    json_wipe(NULL);
    ok(true, "null has none");
}

/* N bytes through the pipe P, in as many reads as they take. */
static void pass(struct lines *l, const int p[2], const char *bytes, size_t n)
{
    char *line;
    size_t ignored;

    for (long left = write(p[1], bytes, n), got; left > 0; left -= got) {
        got = lines_next(l, &line, &ignored) == 0 ? lines_fill(l, p[0]) : -1;
        if (got <= 0)
            return;
    }
}

/* Keys come in a line among others, and in one that makes the buffer grow. */
static void test_lines(void)
{
    static char large[200000];
    const char *text = "{\"secret\"}\nnext\npart";
    struct lines l;
    char *line;
    size_t n;
    int p[2];

    if (!ok(pipe(p) == 0 && write(p[1], text, strlen(text)) == (ssize_t)strlen(text), "a pipe"))
        return;
    lines_open(&l, 1 << 20);
    ok(lines_fill(&l, p[0]) > 0 && lines_next(&l, &line, &n) == 1, "a line");
    ok(holds(l.data, l.cap, "secret"), "is in the buffer");
    lines_forget(&l);
    ok(!holds(l.data, l.cap, "secret"), "and is not any more");
    ok(lines_next(&l, &line, &n) == 1 && n == 4 && memcmp(line, "next", 4) == 0 &&
           lines_rest(&l, &line) == 4 && memcmp(line, "part", 4) == 0,
       "what follows it stays");
    memset(large, 'x', sizeof large);
    for (size_t at = 0; at < sizeof large; at += 1000)
        pass(&l, p, large + at, 1000);
    ok(write(p[1], "\n", 1) == 1 && lines_fill(&l, p[0]) == 1 && lines_next(&l, &line, &n) == 1 &&
           n == sizeof large + 4 && memcmp(line, "partx", 5) == 0,
       "a line that outgrows its buffer comes whole");
    lines_close(&l);
    lines_open(&l, 100);
    lines_forget(&l);
    ok(true, "a buffer that was never filled");
    close(p[0]);
    close(p[1]);
}

static void test_str(void)
{
    autosecret struct str s = {.secret = true};

    str_adds(&s, "secret");
    for (int i = 0; i < 1000; i++)
        str_adds(&s, "0123456789");
    ok(!s.failed && s.len == 10006 && memcmp(s.data, "secret0123456789", 16) == 0 &&
           s.data[s.len] == '\0',
       "a text that grows keeps its bytes");
    str_wipe(&s);
    ok(!s.data && !s.len && !s.cap, "and has none when it is wiped");
}

static void test_start_line(void)
{
    struct names granted = {1, (char *[]){(char[]){"aws"}}};
    struct start s = {.seed = 7};
    autosecret struct str line = {.secret = true};
    struct json_object *root, *got;
    struct fault why;

    s.keyring = parse("[{\"namespace\":\"aws\",\"access_key\":\"A\",\"secret_key\":"
                      "\"q\\\"\\\\\\n\\u0001\\u00fc\\ud83d\\ude00/\"},"
                      "{\"namespace\":\"gcp\",\"access_key\":\"G\",\"secret_key\":\"other\"},"
                      "{\"namespace\":\"aws\",\"access_key\":\"N\",\"secret_key\":null},"
                      "{\"namespace\":\"aws\",\"access_key\":\"M\"}]");
    ok(start_line(&s, &granted, &line, &why) == 0 && line.data[line.len - 1] == '\n', "a line");
    ok(!holds(line.data, line.len, "other"), "without what is not granted");
    line.data[line.len - 1] = '\0';
    root = parse(line.data);
    got = json_object_object_get(root, "keyring");
    ok(json_object_array_length(got) == 3, "three entries");
    ok(strcmp(json_object_get_string(
                  json_object_object_get(json_object_array_get_idx(got, 0), "secret_key")),
              "q\"\\\n\x01\xc3\xbc\xf0\x9f\x98\x80/") == 0,
       "a secret arrives as it was");
    ok(json_object_object_get_ex(json_object_array_get_idx(got, 1), "secret_key", NULL) &&
           !json_object_object_get_ex(json_object_array_get_idx(got, 2), "secret_key", NULL),
       "null stays null, absent stays absent");
    json_object_put(root);
    start_free(&s);
    line.len = 0;
    ok(start_line(&s, NULL, &line, &why) == 0 && !holds(line.data, line.len, "export") &&
           !holds(line.data, line.len, "instructions"),
       "no export, and no word of one");
    line.len = 0;
    s = (struct start){.export = "add_2", .instructions = 7};
    ok(start_line(&s, NULL, &line, &why) == 0 &&
           holds(line.data, line.len, "\"keyring\":[],\"export\":\"add_2\",\"instructions\":7}\n"),
       "one, with its limit");
}

int main(void)
{
    test_json();
    test_lines();
    test_str();
    test_start_line();
    return done();
}
