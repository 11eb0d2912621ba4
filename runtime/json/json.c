/* The strict reader of JSON text (RFC 8259): every external text passes here before anything is
 * built from it. Trusts no byte; recursion is bounded by the given depth; allocates only to find
 * duplicates in objects of more than a few members, in time linear in the text but for a
 * logarithm. */
#include "runtime/json/json.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/base/sort.h"
#include "runtime/json/text.h"
#include "runtime/json/utf8.h"

/* Up to this many members are compared as they are read; more are sorted at the object's end. */
#define FEW 12

static const char duplicate[] = "duplicate member";

static int fail(struct json_scan *s, const char *at, const char *error)
{
    s->at = at;
    s->error = error;
    return -1;
}

void json_space(struct json_scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

int json_string(struct json_scan *s, const char **raw, size_t *n)
{
    struct json_key key;

    if (s->at == s->end || *s->at != '"')
        return fail(s, s->at, "expected a string");
    if (json_key(s, &key) < 0)
        return -1;
    *raw = key.raw;
    *n = key.n;
    return 0;
}

size_t json_unescape(const char *raw, size_t n, char *out)
{
    const char *end = raw + n;
    char *to = out;

    while (raw < end) {
        const char *slash = memchr(raw, '\\', (size_t)(end - raw));
        size_t plain = (size_t)((slash ? slash : end) - raw);

        memmove(to, raw, plain);
        to += plain;
        raw += plain;
        if (slash)
            to += utf8_encode(json_char(&raw, end), to);
    }
    return (size_t)(to - out);
}

/* An object's keys: FEW on the stack, then a growing array. */
struct members {
    struct json_key few[FEW];
    struct json_key *many;
    size_t count, cap;
};

static int by_key_then_place(const void *x, const void *y)
{
    const struct json_key *a = x, *b = y;
    int order = json_key_compare(a, b);

    return order ? order : (a->raw > b->raw) - (a->raw < b->raw);
}

static int add_to_many(struct members *m, const struct json_key *key)
{
    if (m->count >= m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 64;
        struct json_key *many = reallocarray(m->many, cap, sizeof *many);

        if (!many)
            return -1;
        if (!m->many)
            memcpy(many, m->few, sizeof m->few);
        m->many = many;
        m->cap = cap;
    }
    m->many[m->count++] = *key;
    return 0;
}

/* The member's name at KEY is wrong; it stands at FIRST, too. */
static int fail_name(struct json_scan *s, const char *raw, const char *first, const char *error)
{
    s->name = raw - 1;
    s->first = first ? first - 1 : NULL;
    return fail(s, s->name, error);
}

static int member_add(struct json_scan *s, struct members *m, const struct json_key *key)
{
    if (key->nul)
        return fail_name(s, key->raw, NULL, "a member's name must not hold \\u0000");
    if (m->count >= FEW)
        return add_to_many(m, key) < 0 ? fail(s, key->raw - 1, "not enough memory") : 0;
    for (size_t i = 0; i < m->count; i++)
        if (json_key_compare(&m->few[i], key) == 0)
            return fail_name(s, key->raw, m->few[i].raw, duplicate);
    m->few[m->count++] = *key;
    return 0;
}

static int members_end(struct json_scan *s, struct members *m)
{
    const char *first = NULL, *second = NULL;

    if (!m->many)
        return 0;
    sort_items(m->many, m->count, sizeof *m->many, by_key_then_place);
    for (size_t i = 1; i < m->count; i++)
        if (json_key_compare(&m->many[i - 1], &m->many[i]) == 0 &&
            (!second || m->many[i].raw < second)) {
            first = m->many[i - 1].raw;
            second = m->many[i].raw;
        }
    return second ? fail_name(s, second, first, duplicate) : 0;
}

/* After a value: 1 if another follows a comma, 0 if CLOSE ended the list, -1 on error. */
static int list_next(struct json_scan *s, char close, const char *error)
{
    json_space(s);
    if (s->at < s->end && *s->at == ',') {
        s->at++;
        json_space(s);
        return 1;
    }
    if (s->at < s->end && *s->at == close) {
        s->at++;
        return 0;
    }
    return fail(s, s->at, s->at == s->end ? "unexpected end of input" : error);
}

static int list_is_empty(struct json_scan *s, char close)
{
    s->at++;
    json_space(s);
    if (s->at == s->end || *s->at != close)
        return 0;
    s->at++;
    return 1;
}

static int json_member(struct json_scan *s, struct members *m, unsigned depth_left)
{
    struct json_key key;

    if (s->at == s->end || *s->at != '"')
        return fail(s, s->at, "expected a member name in double quotes");
    if (json_key(s, &key) < 0 || member_add(s, m, &key) < 0)
        return -1;
    json_space(s);
    if (s->at == s->end || *s->at != ':')
        return fail(s, s->at, "expected ':' after the member name");
    s->at++;
    return json_skip(s, depth_left);
}

static void members_free(struct members *m)
{
    free(m->many);
}

/* Not initialised with {0}: clearing FEW keys costs more than scanning a small object. */
static int json_object_at(struct json_scan *s, unsigned depth_left)
{
    __attribute__((cleanup(members_free))) struct members m;
    int more;

    m.many = NULL;
    m.count = m.cap = 0;
    if (list_is_empty(s, '}'))
        return 0;
    do {
        if (json_member(s, &m, depth_left) < 0)
            return -1;
        more = list_next(s, '}', "expected ',' or '}'");
    } while (more > 0);
    return more < 0 ? -1 : members_end(s, &m);
}

static int json_array(struct json_scan *s, unsigned depth_left)
{
    int more;

    if (list_is_empty(s, ']'))
        return 0;
    do {
        if (json_skip(s, depth_left) < 0)
            return -1;
        more = list_next(s, ']', "expected ',' or ']'");
    } while (more > 0);
    return more;
}

static int word(struct json_scan *s, const char *text, size_t n)
{
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, text, n) != 0)
        return fail(s, s->at, "not a JSON value (the only words are true, false and null)");
    s->at += n;
    return 0;
}

int json_skip(struct json_scan *s, unsigned depth_left)
{
    struct json_key key;
    bool real;

    json_space(s);
    if (s->at == s->end)
        return fail(s, s->at, "expected a value, but the input ends");
    switch (*s->at) {
    case '{':
    case '[':
        if (depth_left == 0)
            return fail(s, s->at, "nested too deeply");
        return *s->at == '{' ? json_object_at(s, depth_left - 1) : json_array(s, depth_left - 1);
    case '"':
        return json_key(s, &key);
    case 't':
        return word(s, "true", 4);
    case 'f':
        return word(s, "false", 5);
    case 'n':
        return word(s, "null", 4);
    case '-':
    case '0' ... '9':
        return json_number(s, &real);
    default:
        return fail(s, s->at, "not a JSON value");
    }
}

int json_check(const char *text, size_t n, const char **error, size_t *offset)
{
    struct json_scan s = {.at = text, .end = text + n};

    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        fail(&s, text, "JSON must not start with a byte order mark");
    else if (json_skip(&s, JSON_DEPTH_MAX) == 0) {
        json_space(&s);
        if (s.at < s.end)
            s.error = "unexpected text after the value";
    }
    if (!s.error)
        return 0;
    *error = s.error;
    *offset = (size_t)(s.at - text);
    return -1;
}
