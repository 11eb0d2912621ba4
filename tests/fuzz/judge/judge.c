/* The judges that need json-c: see judge.h. What they are given may be anything; an answer of theirs is
 * worth something only where they can say no, which the corpora show: each has inputs of both kinds. */
#include "tests/fuzz/judge/judge.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/schema/run.h"
#include "runtime/json/schema/schema.h"
#include "runtime/json/utf8.h"
#include "schemas/embedded.h"

void must(bool holds, const char *fmt, ...)
{
    va_list ap;

    if (holds)
        return;
    fputs("must: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

bool judge_json(const char *text, size_t n, unsigned depth)
{
    struct json_scan s = {.at = text, .end = text + n};

    if (json_skip(&s, depth) < 0)
        return false;
    json_space(&s);
    return s.at == s.end;
}

static struct json_object *build(const char *text, size_t n)
{
    int built;
    struct json_object *value = json_build(text, n, &built);

    must(built, "no value is built of accepted JSON: %.*s", (int)n, text);
    return value;
}

const struct schema *judge_schema(const char *name, const char *pointer)
{
    const struct embedded *file = embedded_find(name);
    struct findings f = {0};
    struct json_object *document;
    struct schema *s;

    must(file, "no schema is called %s", name);
    document = build(file->text, (size_t)(file->end - file->text));
    if (pointer) {
        json_object_object_del(document, "oneOf");
        json_object_object_add(document, "$ref", json_object_new_string(pointer));
    }
    s = schema_compile(document, NULL, &f);
    must(s, "%s does not compile", name);
    return s;
}

bool judge_fits(const struct schema *s, const char *text, size_t n)
{
    struct findings f = {0};
    struct json_object *value = build(text, n);
    bool fits = schema_validate(s, value, NULL, &f) == 0;

    must(fits != findings_any(&f), "a verdict without its findings, or with too many");
    findings_free(&f);
    json_object_put(value);
    return fits;
}

bool judge_equal(const char *a, size_t n, const char *b, size_t m)
{
    struct meter meter = {0};
    struct run run = {.meter = &meter};
    struct json_object *x = build(a, n), *y = build(b, m);
    bool equal = json_equal(&run, x, y);

    must(!equal || json_hash(&run, x) == json_hash(&run, y), "equal values have other hashes");
    json_object_put(x);
    json_object_put(y);
    return equal;
}

bool judge_compares(const char *text, size_t n)
{
    size_t digits = 0;

    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\\' || text[i] == '\r' ||
            (digits && (text[i] == '.' || text[i] == 'e' || text[i] == 'E')))
            return false;
        digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
        if (digits > 18)
            return false;
    }
    return true;
}

bool judge_harmless(const char *text, size_t n, bool lines)
{
    const char *end = text + n;
    uint32_t cp;

    for (size_t len; text < end; text += len) {
        len = utf8_decode(text, end, &cp);
        if (len == 0 || cp == 0x7f || (cp >= 0x80 && cp < 0xa0) || cp == 0x200e || cp == 0x200f ||
            (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069))
            return false;
        if (cp < 0x20 && !(lines && (cp == '\n' || cp == '\t')))
            return false;
    }
    return true;
}
