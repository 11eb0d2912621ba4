/* Strings and numbers of JSON text (RFC 8259). Trusts only what its own checks accepted; never
 * allocates. Comparing and decoding run only on accepted strings. */
#include "runtime/json/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/utf8.h"

#define ONES 0x0101010101010101ull

/* Whether none of the eight bytes is a quote, a backslash, a control character or non-ASCII. The
 * subtraction may also flag the byte above such a one, but misses none: flagged bytes are checked
 * one by one. */
static bool word_is_plain(const char *at)
{
    uint64_t w, quote, slash;

    memcpy(&w, at, 8);
    quote = w ^ (ONES * '"');
    slash = w ^ (ONES * '\\');
    return !((w | (w - ONES * 0x20) | (quote - ONES) | (slash - ONES)) & (ONES * 0x80));
}

static const char *plain_end(const char *at, const char *end)
{
    while (end - at >= 8 && word_is_plain(at))
        at += 8;
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' &&
           *at != '\\')
        at++;
    return at;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits after "\u", or -1. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t value = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* At "\u". */
static int unicode_escape(struct json_scan *s, struct json_key *key)
{
    int32_t high = hex4(s->at + 2, s->end), low;

    if (high < 0) {
        s->error = "\\u needs four hexadecimal digits";
        return -1;
    }
    key->nul |= high == 0;
    if (high < 0xd800 || high > 0xdfff) {
        s->at += 6;
        return 0;
    }
    low =
        s->end - s->at >= 12 && s->at[6] == '\\' && s->at[7] == 'u' ? hex4(s->at + 8, s->end) : -1;
    if (high >= 0xdc00 || low < 0xdc00 || low > 0xdfff) {
        s->error = "unpaired surrogate";
        return -1;
    }
    s->at += 12;
    return 0;
}

/* At a backslash. */
static int skip_escape(struct json_scan *s, struct json_key *key)
{
    char c = s->end - s->at > 1 ? s->at[1] : '\0';

    key->escaped = true;

    if (c == 'u')
        return unicode_escape(s, key);
    if (c == '\0' || !strchr("\"\\/bfnrt", c)) {
        s->error = "not a JSON escape (valid are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX)";
        return -1;
    }
    s->at += 2;
    return 0;
}

int json_key(struct json_scan *s, struct json_key *key)
{
    uint32_t cp;
    size_t len;

    *key = (struct json_key){.raw = ++s->at};
    for (;;) {
        s->at = plain_end(s->at, s->end);
        if (s->at == s->end) {
            s->error = "unterminated string";
            return -1;
        }
        if (*s->at == '"')
            break;
        if (*s->at == '\\') {
            if (skip_escape(s, key) < 0)
                return -1;
        } else if ((unsigned char)*s->at < 0x20) {
            s->error = "control characters in a string must be escaped";
            return -1;
        } else {
            len = utf8_decode(s->at, s->end, &cp);
            if (len == 0) {
                s->error = "not valid UTF-8";
                return -1;
            }
            s->at += len;
        }
    }
    key->n = (size_t)(s->at++ - key->raw);
    return 0;
}

static const char *digits_end(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* Only an exponent or a very long integer can exceed the range of a double. */
static bool too_large(const char *at, size_t n)
{
    char text[JSON_NUMBER_MAX + 1];

    memcpy(text, at, n);
    text[n] = '\0';
    return isinf(strtod(text, NULL));
}

static int number_error(struct json_scan *s, const char *at, const char *error)
{
    s->at = at;
    s->error = error;
    return -1;
}

/* int [frac] [exp], without the sign: returns the end, or NULL if a digit is missing. */
static const char *number_end(const char *at, const char *end, bool *frac, bool *exp)
{
    const char *digits = at;

    at = digits_end(at, end);
    if (at == digits || (at - digits > 1 && *digits == '0'))
        return NULL;
    *frac = at < end && *at == '.';
    if (*frac) {
        digits = ++at;
        at = digits_end(at, end);
        if (at == digits)
            return NULL;
    }
    *exp = at < end && (*at == 'e' || *at == 'E');
    if (*exp) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        digits = at;
        at = digits_end(at, end);
        if (at == digits)
            return NULL;
    }
    return at;
}

/* Of an exponent that ends at AT, without leading zeros. */
static long exponent_digits(const char *at)
{
    const char *from = at;

    while (from[-1] >= '0' && from[-1] <= '9')
        from--;
    while (from < at && *from == '0')
        from++;
    return at - from;
}

int json_number(struct json_scan *s, bool *real)
{
    const char *begin = s->at, *at;
    bool frac, exp;

    at = number_end(begin + (*begin == '-'), s->end, &frac, &exp);
    if (!at)
        return number_error(s, begin, "not a JSON number");
    if (at - begin > JSON_NUMBER_MAX)
        return number_error(s, begin, "the number has too many digits");
    if (exp && exponent_digits(at) > JSON_EXPONENT_DIGITS)
        return number_error(s, begin, "the number's exponent has too many digits");
    if ((exp || at - begin > 300) && too_large(begin, (size_t)(at - begin)))
        return number_error(s, begin, "the number is too large");
    *real = frac || exp;
    if (!*real && !s->rounded && at - begin > 18 && !json_is_exact(begin, (size_t)(at - begin)))
        s->rounded = begin;
    s->at = at;
    return 0;
}

uint32_t json_char(const char **at, const char *end)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *p = *at, *simple;
    uint32_t cp = 0;

    if (*p != '\\') {
        size_t len = utf8_decode(p, end, &cp);

        *at = p + (len ? len : 1);
        return cp;
    }
    if (p[1] != 'u') {
        simple = strchr(from, p[1]);
        *at = p + 2;
        return (unsigned char)(simple ? to[simple - from] : p[1]);
    }
    cp = (uint32_t)hex4(p + 2, end);
    *at = p + 6;
    if (cp >= 0xd800 && cp <= 0xdbff) {
        cp = 0x10000 + ((cp - 0xd800) << 10) + ((uint32_t)hex4(p + 8, end) - 0xdc00);
        *at = p + 12;
    }
    return cp;
}

/* Byte order of UTF-8 is character order, so both branches agree. */
int json_key_compare(const struct json_key *a, const struct json_key *b)
{
    const char *p = a->raw, *q = b->raw, *p_end = p + a->n, *q_end = q + b->n;

    if (!a->escaped && !b->escaped) {
        int order = memcmp(p, q, a->n < b->n ? a->n : b->n);

        return order ? order : (a->n > b->n) - (a->n < b->n);
    }
    while (p < p_end && q < q_end) {
        uint32_t c = json_char(&p, p_end), d = json_char(&q, q_end);

        if (c != d)
            return c < d ? -1 : 1;
    }
    return (p < p_end) - (q < q_end);
}
