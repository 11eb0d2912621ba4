/* From a JSON pointer (RFC 6901) to line and column, and back: json-c keeps no positions, so the
 * text is walked again for each finding, from where the last one was. Runs only on texts that
 * json_check() accepted, which makes stepping over a value fast. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/json/text.h"
#include "runtime/json/utf8.h"

/* The place of the N bytes behind FROM, whose own is PLACE. */
static struct json_place place_behind(const char *from, size_t n, struct json_place place)
{
    const char *end = from + n, *eol;

    while ((eol = memchr(from, '\n', (size_t)(end - from)))) {
        place.line++;
        place.column = 1;
        from = eol + 1;
    }
    place.column += (unsigned)utf8_count(from, (size_t)(end - from));
    return place;
}

struct json_place json_place(const char *text, size_t n, size_t offset)
{
    return place_behind(text, offset < n ? offset : n, (struct json_place){1, 1});
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

/* At the name of a member, or '}': move to the value of the member named by the token. Returns its
 * name's place, or NULL: it is not there, or not before UNTIL. */
static const char *find_member(struct json_scan *s, const char *at, const char *end,
                               const char *until)
{
    struct json_key key;
    const char *name;

    for (;;) {
        json_space(s);
        if (*s->at != '"' || s->at == until)
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

/* At '{': the same. From the member that was found last, then those before it: names are unique. */
static const char *enter_member(struct json_scan *s, const char *at, const char *end,
                                struct json_step *last)
{
    const char *object = s->at, *name = NULL, *until = NULL;

    if (last->within == object) {
        s->at = until = last->at;
        name = find_member(s, at, end, NULL);
    }
    if (!name) {
        s->at = object + 1;
        name = find_member(s, at, end, until);
    }
    if (name)
        *last = (struct json_step){object, name, 0};
    return name;
}

/* At '[': move to the element whose index is the token. Returns its place, or NULL. */
static const char *enter_element(struct json_scan *s, const char *at, const char *end,
                                 struct json_step *last)
{
    const char *array = s->at++;
    size_t index = 0, left;

    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || index > 100000000)
            return NULL;
        index = index * 10 + (size_t)(*at - '0');
    }
    left = index;
    if (last->within == array && last->index <= index) {
        s->at = last->at;
        left -= last->index;
    }
    for (;; left--) {
        json_space(s);
        if (*s->at == ']')
            return NULL;
        if (left == 0)
            break;
        place_skip(s);
        json_space(s);
        if (*s->at++ != ',')
            return NULL;
    }
    *last = (struct json_step){array, s->at, index};
    return s->at;
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

/* From the nearest place before OFFSET that is known. */
static struct json_place locator_place(struct json_locator *l, size_t offset)
{
    struct json_known from = {0, {1, 1}};

    for (size_t i = 0; i < JSON_KNOWN; i++)
        if (l->known[i].place.line && l->known[i].offset <= offset &&
            l->known[i].offset > from.offset)
            from = l->known[i];
    from.place = place_behind(l->text + from.offset, offset - from.offset, from.place);
    l->known[l->turn++ % JSON_KNOWN] = (struct json_known){offset, from.place};
    return from.place;
}

struct json_place json_locator_find(struct json_locator *l, const char *pointer, int of_name)
{
    struct json_scan s = {.at = l->text, .end = l->text + l->n};
    const char *found, *name;

    json_space(&s);
    found = name = s.at;
    for (size_t depth = 0; *pointer == '/' && depth < JSON_DEPTH_MAX; depth++) {
        const char *token = pointer + 1, *end = strchrnul(token, '/'), *here = NULL;

        if (*found == '{')
            here = enter_member(&s, token, end, &l->last[depth]);
        else if (*found == '[')
            here = enter_element(&s, token, end, &l->last[depth]);
        if (!here) {
            name = found;
            break;
        }
        name = here;
        found = s.at;
        pointer = end;
    }
    return locator_place(l, (size_t)((of_name ? name : found) - l->text));
}

struct json_place json_locate(const char *text, size_t n, const char *pointer, int of_name)
{
    struct json_locator one = {.text = text, .n = n};

    return json_locator_find(&one, pointer, of_name);
}
