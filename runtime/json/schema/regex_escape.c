/* What may follow a backslash, in and outside of a class, and classes. */
#include <string.h>

#include "runtime/json/schema/regex.h"

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 32) - 'a' + 10;
    return -1;
}

/* Exactly N hexadecimal digits, or none is taken. */
static bool hex_digits(struct regex *re, size_t n, uint32_t *value)
{
    *value = 0;
    if ((size_t)(re->end - re->at) < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int digit = hex_digit(re->at[i]);

        if (digit < 0)
            return false;
        *value = *value * 16 + (uint32_t)digit;
    }
    re->at += n;
    return true;
}

static bool unicode_braces(struct regex *re, uint32_t *cp)
{
    const char *from = re->at;

    for (*cp = 0; hex_digit(regex_peek(re)) >= 0; re->at++)
        if (*cp < REGEX_CHARS)
            *cp = *cp * 16 + (uint32_t)hex_digit(*re->at);
    return re->at > from && *cp < REGEX_CHARS && regex_skip(re, "}");
}

/* Behind \u. Two escapes that are a surrogate pair are one character. */
bool regex_escape_unicode(struct regex *re, uint32_t *cp)
{
    const char *where = re->at - 2, *lead;
    uint32_t trail;

    if (regex_skip(re, "{")) {
        if (unicode_braces(re, cp))
            return true;
        return regex_wrong(re, where, "\\u{ must be followed by a code point up to 10FFFF and a }");
    }
    if (!hex_digits(re, 4, cp))
        return regex_wrong(re, where, "\\u must be followed by four hexadecimal digits or {");
    lead = re->at;
    if (*cp >= 0xD800 && *cp <= 0xDBFF && regex_skip(re, "\\u")) {
        if (hex_digits(re, 4, &trail) && trail >= 0xDC00 && trail <= 0xDFFF)
            *cp = 0x10000 + ((*cp - 0xD800) << 10) + (trail - 0xDC00);
        else
            re->at = lead;
    }
    return true;
}

/* Why ECMA-262 has no escape with this letter, where other languages do. */
static const char *foreign_escape(int c)
{
    static const struct {
        const char *letters, *what;
    } known[] = {
        {"AZzG", "ECMA-262 has no such escape: \\A, \\Z and their like are ^ and $"},
        {"QE", "ECMA-262 has no such escape: nothing quotes (\\Q)"},
        {"hHRNXKCaeLlUog", "ECMA-262 has no such escape"},
        {"123456789", "a class has no backreferences"},
        {"0", "\\0 must not be followed by a digit: ECMA-262 has no octal escapes"},
    };

    for (size_t i = 0; c > 0 && i < sizeof known / sizeof *known; i++)
        if (strchr(known[i].letters, c))
            return known[i].what;
    return c < 0 ? "\\ at the end"
                 : "only ^ $ \\ . * + ? ( ) [ ] { } | and / are escaped like this";
}

static bool control_letter(struct regex *re, uint32_t *cp)
{
    int c = regex_peek(re);

    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
        return regex_wrong(re, re->at - 2, "\\c must be followed by a letter");
    re->at++;
    *cp = (uint32_t)c % 32;
    return true;
}

bool regex_escape_char(struct regex *re, bool in_class, uint32_t *cp)
{
    static const char letters[] = "fnrtv", codes[] = "\f\n\r\t\v";
    const char *where = re->at - 1, *letter;
    int c = regex_peek(re);

    if (c <= 0 || c >= 128)
        return regex_wrong(re, where, foreign_escape(c));
    re->at++;
    letter = strchr(letters, c);
    if (letter)
        *cp = (uint32_t)codes[letter - letters];
    else if (c == 'c')
        return control_letter(re, cp);
    else if (c == '0' && (regex_peek(re) < '0' || regex_peek(re) > '9'))
        *cp = 0;
    else if (c == 'x')
        return hex_digits(re, 2, cp) ||
               regex_wrong(re, where, "\\x must be followed by two hexadecimal digits");
    else if (c == 'u')
        return regex_escape_unicode(re, cp);
    else if (in_class && c == 'b')
        *cp = 8;
    else if (strchr("^$\\.*+?()[]{}|/", c) || (in_class && c == '-'))
        *cp = (uint32_t)c;
    else
        return regex_wrong(re, where, foreign_escape(c));
    return true;
}

bool regex_is_set(const struct regex *re)
{
    int c = regex_peek(re);

    return c > 0 && strchr("dDsSwWpP", c);
}

static bool escape_property(struct regex *re, const char *where, struct set *set)
{
    const char *close;
    int number;

    close = regex_skip(re, "{") ? memchr(re->at, '}', (size_t)(re->end - re->at)) : NULL;
    if (!close)
        return regex_wrong(re, where, "\\p must be followed by a property in { }");
    number = property_find(re->at, (size_t)(close - re->at));
    if (number < 0)
        return regex_wrong(
            re, where,
            "ECMA-262 has no such property: \\p{Lu}, \\p{Script=Greek} and \\p{Alphabetic} "
            "are examples");
    re->at = close + 1;
    return scratch_steps(re->scratch, 8) && property_add(re->scratch, set, number);
}

bool regex_escape_set(struct regex *re, struct set *set)
{
    static const struct range digits[] = {{'0', '9'}},
                              words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}},
                              spaces[] = {{9, 13},          {' ', ' '},       {0xA0, 0xA0},
                                          {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029},
                                          {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
                                          {0xFEFF, 0xFEFF}};
    const char *where = re->at - 1;
    const struct range *ranges = NULL;
    size_t n = 0;
    int c = *re->at++;
    bool good = true;

#define RANGES(array) (ranges = (array), n = sizeof(array) / sizeof *(array))
    switch (c | 32) {
    case 'd':
        RANGES(digits);
        break;
    case 'w':
        RANGES(words);
        break;
    case 's':
        RANGES(spaces);
        break;
    default:
        good = escape_property(re, where, set);
    }
#undef RANGES
    for (size_t i = 0; good && i < n; i++)
        good = set_add(re->scratch, set, ranges[i].lo, ranges[i].hi);
    return good && ((c & 32) || set_invert(re->scratch, set));
}

/* A member of a class: *CP, or a set, which is added to INTO. */
static bool class_atom(struct regex *re, struct set *into, uint32_t *cp, bool *is_set)
{
    struct set one = {0};
    bool good;

    *is_set = false;
    if (regex_peek(re) != '\\') {
        *cp = regex_char(re);
        return true;
    }
    re->at++;
    if (!regex_is_set(re))
        return regex_escape_char(re, true, cp);
    *is_set = true;
    good = regex_escape_set(re, &one);
    if (good && !into->count) {
        set_free(re->scratch, into);
        *into = one;
        return true;
    }
    good = good && set_add_all(re->scratch, into, &one);
    set_free(re->scratch, &one);
    return good;
}

/* A member, or a range of which it is the begin. */
static bool class_part(struct regex *re, struct set *set)
{
    const char *where = re->at;
    uint32_t lo = 0, hi = 0;
    bool low_set, high_set = false;

    if (!class_atom(re, set, &lo, &low_set))
        return false;
    if (regex_peek(re) != '-' || re->end - re->at < 2 || re->at[1] == ']')
        return low_set || set_add(re->scratch, set, lo, lo);
    re->at++;
    if (!class_atom(re, set, &hi, &high_set))
        return false;
    if (low_set || high_set)
        return regex_wrong(re, where, "a range is from one character to another");
    if (lo > hi)
        return regex_wrong(re, where, "a range from a character to a lower one");
    return set_add(re->scratch, set, lo, hi);
}

uint32_t regex_class(struct regex *re)
{
    const char *where = re->at - 1;
    bool inverted = regex_skip(re, "^"), good = true;
    struct set set = {0};

    while (good && regex_peek(re) != ']')
        good = re->at < re->end ? class_part(re, &set) : regex_wrong(re, where, "[ without a ]");
    re->at++;
    if (good && (!inverted || set_invert(re->scratch, &set)))
        return regex_set(re, &set);
    set_free(re->scratch, &set);
    return 0;
}
