/* Formats of dates: see chrono.h. What the C library would take in another way, or print as it stands, is
 * translated or refused. */
#include "runtime/script/sn0int/chrono.h"

#include <lauxlib.h>
#include <stdint.h>
#include <string.h>

#include "runtime/script/sn0int/text_out.h"

/* The same in both, in the C locale. */
#define SHARED "YCymbBhdeaAwuUWGgVjDxFHkIlPpMSRTXrcstn%Zz"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct {
    const char *text, *format, *parse; /* after the %; .format NULL: a time here has no such part */
} others[] = {
    {"v", "%e-%b-%Y", "%e-%b-%Y"},
    {":z", NULL, "%z"},
    {"::z", NULL, "%z"},
    {"#z", NULL, "%z"},
    {"P", "%P", "%p"},
};

#define ANY_FRACTION 0 /* of these */

static const struct {
    const char *text, *format; /* of no fraction */
    size_t digits;
    bool point;
} fractions[] = {
    {".f", "", 0, true},         {"f", "000000000", 0, false},   {".3f", ".000", 0, true},
    {".6f", ".000000", 0, true}, {".9f", ".000000000", 0, true}, {"3f", "000", 3, false},
    {"6f", "000000", 6, false},  {"9f", "000000000", 9, false},
};

struct reader {
    const char *at, *end;
    struct text_out *o;
    bool parse;
    struct chrono *c;
};

static bool reader_accept(struct reader *r, const char *text)
{
    size_t n = strlen(text);

    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0)
        return false;
    r->at += n;
    return true;
}

static bool reader_fraction(struct reader *r, size_t i)
{
    if (!r->parse)
        return out_text(r->o, fractions[i].format), true;
    if (r->c->fraction != SIZE_MAX)
        return false;
    r->c->fraction = r->o->used;
    r->c->digits = fractions[i].digits;
    r->c->point = fractions[i].point;
    return true;
}

/* What follows a %. */
static bool reader_conversion(struct reader *r)
{
    char flag[2] = {0};

    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++)
        if (reader_accept(r, fractions[i].text))
            return reader_fraction(r, i);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *text = r->parse ? others[i].parse : others[i].format;

        if (text && reader_accept(r, others[i].text))
            return out_text(r->o, text), true;
    }
    if (r->parse && reader_accept(r, "+")) { /* RFC 3339 */
        out_text(r->o, "%Y-%m-%dT%H:%M:%S");
        if (!reader_fraction(r, ANY_FRACTION))
            return false;
        out_text(r->o, "%z");
        return true;
    }
    if (r->at < r->end && *r->at && strchr("-_0", *r->at))
        *flag = *r->at++;
    if (r->at == r->end || !*r->at || !strchr(SHARED, *r->at))
        return false;
    out_text(r->o, "%");
    out_text(r->o, r->parse ? "" : flag);
    out_char(r->o, *r->at++);
    return true;
}

bool chrono_translate(lua_State *L, const char *format, size_t n, bool parse, struct chrono *c)
{
    struct text_out o;
    struct reader r = {format, format + n, &o, parse, c};

    c->fraction = SIZE_MAX;
    out_open(L, &o);
    while (r.at < r.end) {
        const char *from = r.at;

        if (*r.at && *r.at != '%') {
            out_char(&o, *r.at++);
        } else if (!*r.at || (r.at++, !reader_conversion(&r))) {
            const char *text = lua_pushlstring(L, from, 1 + strcspn(from, LETTERS));

            lua_pushfstring(L, "format: \"%s\" is not supported", text);
            return false;
        }
    }
    out_push(&o);
    c->format = lua_tolstring(L, -1, &c->n);
    return true;
}

bool chrono_fraction(const struct chrono *c, const char *text, size_t *length)
{
    size_t point = c->point && *text == '.', n = strspn(text + point, "0123456789");

    *length = 0;
    if (c->point && !point)
        return true;
    if (c->digits && n > c->digits)
        n = c->digits;
    *length = point + n;
    return c->digits ? n == c->digits : n > 0;
}
