/* sn0int's start line, runtime/wire/module.c: what is accepted fits the schema, and what the box is told of
 * it is one line that it can read. */
#include "runtime/wire/module.h"

#include <string.h>

#include "runtime/json/json.h"
#include "tests/fuzz/judge/judge.h"

static void check_line(const struct module *m)
{
    autosecret struct str line = {.secret = true};
    struct fault why;

    must(m->code && m->code[m->code_len] == '\0', "the code does not end");
    if (module_line(m, &line, &why) < 0) {
        must(strstr(why.what, "no float equals it"), "%s", why.what);
        return;
    }
    must(line.len && memchr(line.data, '\n', line.len) == line.data + line.len - 1, "not one line");
    must(judge_json(line.data, line.len, JSON_DEPTH_MAX), "no JSON: %s", line.data);
    must(judge_line(line.data, line.len), "the box cannot read %s", line.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct schema *schema;
    const char *text = (const char *)data;
    bool json = judge_json(text, n, JSON_DEPTH_MAX);
    struct fault why = {0};
    struct module m;

    if (!schema)
        schema = judge_schema("sandbox", NULL);
    if (module_parse(text, n, &m, &why) == 0) {
        must(json && judge_fits(schema, text, n), "accepted, but not by the schema");
        check_line(&m);
    } else {
        must(*why.what && judge_harmless(why.what, strlen(why.what), false), "a message: %s",
             why.what);
        must(!json || !judge_compares(text, n) || !judge_fits(schema, text, n),
             "refused, but good by the schema: %s", why.what);
    }
    module_free(&m);
    return 0;
}
