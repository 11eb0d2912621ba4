/* From a JSON pointer (RFC 6901) to line and column, and back: json-c keeps no positions, so the
 * text is walked again for each finding. Runs only on texts that json_check() accepted, which makes
 * stepping over a value fast. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/json/text.h"
#include "runtime/json/utf8.h"

struct json_place json_place(const char *text, size_t n, size_t offset)
{
    struct json_place place = {1, 1};
    const char *line = text, *end = text + (offset < n ? offset : n), *eol;

    while ((eol = memchr(line, '\n', (size_t)(end - line)))) {
        place.line++;
        line = eol + 1;
    }
    place.column += (unsigned)utf8_count(line, (size_t)(end - line));
    return place;
}

/* At a string: step over it. */
static void place_skip_string(struct json_scan *s)
{
    for (s->at++; *s->at != '"'; s->at++)
        s->at += *s->at == '\\';
    s->at++;
}

/* Step over white space, then one value: count brackets, check nothing. */
static void place_skip(struct json_scan *s)
{
    size_t depth = 0;

    json_space(s);
    do {
        if (*s->at == '"') {
            place_skip_string(s);
            continue;
        }
        if (*s->at == '{' || *s->at == '[')
            depth++;
        else if (*s->at == '}' || *s->at == ']')
            depth--;
        s->at++;
    } while (depth);
    while (s->at < s->end && !strchr(",]} \t\r\n", *s->at))
        s->at++; /* a number, a word */
}

/* The next character of a pointer's token: "~1" is '/', "~0" is '~'. */
static uint32_t token_char(const char **at, const char *end)
{
    uint32_t cp = 0;
    size_t len = utf8_decode(*at, end, &cp);

    *at += len ? len : 1;
    if (cp == '~' && *at < end && (**at == '0' || **at == '1'))
        return *(*at)++ == '1' ? '/' : '~';
    return cp;
}

static bool token_is(const char *at, const char *end, const struct json_key *key)
{
    const char *raw = key->raw, *raw_end = raw + key->n;

    while (at < end && raw < raw_end)
        if (token_char(&at, end) != json_char(&raw, raw_end))
            return false;
    return at == end && raw == raw_end;
}

/* At '{': move to the value of the member named by the token. Returns its name's place, or NULL. */
static const char *enter_member(struct json_scan *s, const char *at, const char *end)
{
    struct json_key key;
    const char *name;

    for (s->at++;;) {
        json_space(s);
        if (*s->at != '"')
            return NULL;
        name = s->at;
        if (json_key(s, &key) < 0)
            return NULL;
        json_space(s);
        s->at++; /* ':' */
        if (token_is(at, end, &key)) {
            json_space(s);
            return name;
        }
        place_skip(s);
        json_space(s);
        if (*s->at++ != ',')
            return NULL;
    }
}

/* At '[': move to the element whose index is the token. Returns its place, or NULL. */
static const char *enter_element(struct json_scan *s, const char *at, const char *end)
{
    size_t index = 0;

    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || index > 100000000)
            return NULL;
        index = index * 10 + (size_t)(*at - '0');
    }
    for (s->at++;; index--) {
        json_space(s);
        if (*s->at == ']')
            return NULL;
        if (index == 0)
            return s->at;
        place_skip(s);
        json_space(s);
        if (*s->at++ != ',')
            return NULL;
    }
}

/* Append one step of a pointer: the member's name KEY, unescaped. */
static void add_token(const struct json_key *key, struct str *out)
{
    const char *raw = key->raw, *end = raw + key->n;

    str_addc(out, '/');
    while (raw < end) {
        char text[4];
        uint32_t cp = json_char(&raw, end);

        if (cp == '~' || cp == '/')
            str_adds(out, cp == '~' ? "~0" : "~1");
        else {
            size_t n = utf8_encode(cp, text);

            str_add(out, text, n);
        }
    }
}

/* At '{' or '[': move to the value inside that contains OFFSET, or the first that ends after it.
 * False if the list ends before. */
static bool enter_at(struct json_scan *s, const char *offset, struct str *out)
{
    bool object = *s->at == '{';
    struct json_key key = {0};

    s->at++;
    for (size_t i = 0;; i++) {
        const char *begin;

        json_space(s);
        if (*s->at == ']' || *s->at == '}')
            return false;
        if (object) {
            if (json_key(s, &key) < 0)
                return false;
            json_space(s);
            s->at++; /* ':' */
            json_space(s);
        }
        begin = s->at;
        place_skip(s);
        if (s->at > offset) {
            s->at = begin;
            if (object)
                add_token(&key, out);
            else
                str_addf(out, "/%zu", i);
            return true;
        }
        json_space(s);
        if (*s->at++ != ',')
            return false;
    }
}

void json_pointer_at(const char *text, size_t n, size_t offset, struct str *out)
{
    struct json_scan s = {.at = text, .end = text + n};

    str_add(out, "", 0);
    json_space(&s);
    while (s.at < text + offset && (*s.at == '{' || *s.at == '[') &&
           enter_at(&s, text + offset, out))
        ;
}

struct json_place json_locate(const char *text, size_t n, const char *pointer, int of_name)
{
    struct json_scan s = {.at = text, .end = text + n};
    const char *found, *name;

    json_space(&s);
    found = name = s.at;
    while (*pointer == '/') {
        const char *token = pointer + 1, *end = strchrnul(token, '/'), *here = NULL;

        if (*found == '{')
            here = enter_member(&s, token, end);
        else if (*found == '[')
            here = enter_element(&s, token, end);
        if (!here) {
            name = found;
            break;
        }
        name = here;
        found = s.at;
        pointer = end;
    }
    return json_place(text, n, (size_t)((of_name ? name : found) - text));
}
