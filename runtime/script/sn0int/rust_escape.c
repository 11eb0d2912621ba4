/* Rust's patterns: what follows a backslash. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <lauxlib.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

#include "runtime/script/sn0int/rust.h"

/* As Rust has them: \w of Unicode's report 18, which PCRE2 has had in several ways. */
#define WORD  "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}"
#define DIGIT "\\p{Nd}"
#define SPACE "\\p{White_Space}"

#define ASCII_WORD  "0-9A-Za-z_"
#define ASCII_DIGIT "0-9"
#define ASCII_SPACE "\\x{9}-\\x{d}\\x{20}"

#define START(w)      "(?:(?<![" w "])(?=[" w "]))"
#define END(w)        "(?:(?<=[" w "])(?![" w "]))"
#define START_HALF(w) "(?:(?<![" w "]))"
#define END_HALF(w)   "(?:(?![" w "]))"
#define EDGE(w)       "(?:(?<![" w "])(?=[" w "])|(?<=[" w "])(?![" w "]))"
#define NO_EDGE(w)    "(?:(?<=[" w "])(?=[" w "])|(?<![" w "])(?![" w "]))"

static const struct {
    const char *text; /* after the backslash; the longer ones first */
    const char *unicode, *ascii;
} assertions[] = {
    {"b{start-half}", START_HALF(WORD), START_HALF(ASCII_WORD)},
    {"b{end-half}", END_HALF(WORD), END_HALF(ASCII_WORD)},
    {"b{start}", START(WORD), START(ASCII_WORD)},
    {"b{end}", END(WORD), END(ASCII_WORD)},
    {"<", START(WORD), START(ASCII_WORD)},
    {">", END(WORD), END(ASCII_WORD)},
    {"b", EDGE(WORD), EDGE(ASCII_WORD)},
    {"B", NO_EDGE(WORD), NO_EDGE(ASCII_WORD)},
    {"A", "(?:\\A)", "(?:\\A)"},
    {"z", "(?:\\z)", "(?:\\z)"},
};

static const struct {
    char letter;
    const char *unicode, *ascii;
} sets[] = {{'w', WORD, ASCII_WORD}, {'d', DIGIT, ASCII_DIGIT}, {'s', SPACE, ASCII_SPACE}};

/* General categories by their long names, which PCRE2 does not know; as loose() leaves them. */
static const char *const categories[][2] = {{"letter", "L"},
                                            {"casedletter", "L&"},
                                            {"uppercaseletter", "Lu"},
                                            {"lowercaseletter", "Ll"},
                                            {"titlecaseletter", "Lt"},
                                            {"modifierletter", "Lm"},
                                            {"otherletter", "Lo"},
                                            {"mark", "M"},
                                            {"combiningmark", "M"},
                                            {"nonspacingmark", "Mn"},
                                            {"spacingmark", "Mc"},
                                            {"enclosingmark", "Me"},
                                            {"number", "N"},
                                            {"decimalnumber", "Nd"},
                                            {"digit", "Nd"},
                                            {"letternumber", "Nl"},
                                            {"othernumber", "No"},
                                            {"punctuation", "P"},
                                            {"punct", "P"},
                                            {"connectorpunctuation", "Pc"},
                                            {"dashpunctuation", "Pd"},
                                            {"openpunctuation", "Ps"},
                                            {"closepunctuation", "Pe"},
                                            {"initialpunctuation", "Pi"},
                                            {"finalpunctuation", "Pf"},
                                            {"otherpunctuation", "Po"},
                                            {"symbol", "S"},
                                            {"mathsymbol", "Sm"},
                                            {"currencysymbol", "Sc"},
                                            {"modifiersymbol", "Sk"},
                                            {"othersymbol", "So"},
                                            {"separator", "Z"},
                                            {"spaceseparator", "Zs"},
                                            {"lineseparator", "Zl"},
                                            {"paragraphseparator", "Zp"},
                                            {"other", "C"},
                                            {"control", "Cc"},
                                            {"cntrl", "Cc"},
                                            {"format", "Cf"},
                                            {"surrogate", "Cs"},
                                            {"privateuse", "Co"},
                                            {"unassigned", "Cn"},
                                            {"lc", "L&"}};

/* The N characters at TEXT without case, spaces, hyphens and underscores. False: no name at all. */
static bool loose(const char *text, size_t n, char *name, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];

        if (strchr(" -_", c) && c)
            continue;
        if (!isalnum(c) || used + 1 >= size)
            return false;
        name[used++] = (char)tolower(c);
    }
    name[used] = '\0';
    return used > 0;
}

/* Whether PCRE2 knows this property; the items of a class of it are then in .property. */
static bool property_known(struct rust *r, const char *prefix, const char *name)
{
    pcre2_code *code;
    PCRE2_SIZE at;
    int error;

    snprintf(r->property, sizeof r->property, "\\p{%s%s}", prefix, name);
    code =
        pcre2_compile((PCRE2_SPTR)r->property, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &at, NULL);
    pcre2_code_free(code);
    return code != NULL;
}

static bool property_category(struct rust *r, const char *name)
{
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
        if (strcmp(categories[i][0], name) == 0)
            return property_known(r, "", categories[i][1]);
    return strlen(name) <= 2 && property_known(r, "", name);
}

static bool property_value(struct rust *r, const char *name, const char *value)
{
    if (strcmp(name, "gc") == 0 || strcmp(name, "generalcategory") == 0)
        return property_category(r, value);
    if (strcmp(name, "sc") == 0 || strcmp(name, "script") == 0)
        return property_known(r, "sc:", value);
    return (strcmp(name, "scx") == 0 || strcmp(name, "scriptextensions") == 0) &&
           property_known(r, "scx:", value);
}

static bool property_bare(struct rust *r, const char *name, bool *negated)
{
    if (strcmp(name, "ascii") == 0) {
        snprintf(r->property, sizeof r->property, "\\x{0}-\\x{7f}");
        return true;
    }
    if (strcmp(name, "assigned") == 0) {
        *negated = !*negated;
        return property_known(r, "", "Cn");
    }
    return property_category(r, name) || property_known(r, "sc:", name) ||
           property_known(r, "", name);
}

/* After "p{": NAME, NAME=VALUE, NAME:VALUE, NAME!=VALUE. */
static bool property_named(struct rust *r, bool *negated)
{
    const char *from = r->at, *stop = memchr(from, '}', (size_t)(r->end - from)), *op = from;
    char name[40], value[40];

    if (!stop)
        return rust_refuse(r, "} expected");
    while (op < stop && *op != '=' && *op != ':' && *op != '!')
        op++;
    r->at = stop + 1;
    if (!loose(from, (size_t)(op - from), name, sizeof name))
        return rust_refuse(r, "a property of Unicode expected");
    if (op == stop)
        return property_bare(r, name, negated) || rust_refuse(r, "no such property is known here");
    if (*op == '!') {
        *negated = !*negated;
        op++;
    }
    if (op == stop || *op == '!' || !loose(op + 1, (size_t)(stop - op) - 1, value, sizeof value))
        return rust_refuse(r, "a value of the property expected");
    return property_value(r, name, value) || rust_refuse(r, "no such property is known here");
}

static bool escaped_property(struct rust *r, struct rust_set *set)
{
    char letter[2] = {0};

    set->items = r->property;
    if (r->ascii)
        return rust_refuse(r, "a property of Unicode, without u");
    if (rust_accept(r, "{"))
        return property_named(r, &set->negated);
    if (r->at < r->end)
        *letter = *r->at++;
    return (isalpha((unsigned char)*letter) && property_category(r, letter)) ||
           rust_refuse(r, "no such property is known here");
}

/* COUNT hexadecimal digits, or any number of them in braces. */
static bool escaped_hex(struct rust *r, int count, uint32_t *c)
{
    bool braces = rust_accept(r, "{");
    int n = 0;

    for (*c = 0; r->at < r->end && isxdigit((unsigned char)*r->at) && (braces ? n < 8 : n < count);
         n++) {
        char digit = *r->at++;

        *c = *c << 4 |
             (uint32_t)(isdigit((unsigned char)digit) ? digit - '0' : (digit | 32) - 'a' + 10);
    }
    if (!n || (!braces && n < count) || (braces && !rust_accept(r, "}")))
        return rust_refuse(r, "hexadecimal digits expected");
    if (*c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
        return rust_refuse(r, "no character of Unicode");
    return !r->ascii || *c < 0x80 || rust_refuse(r, "no ASCII character, without u");
}

static bool escaped_character(struct rust *r, char letter, uint32_t *c)
{
    static const char from[] = "aftnrv", to[] = "\a\f\t\n\r\v";
    const char *known = strchr(from, letter);

    if (letter == 'x' || letter == 'u' || letter == 'U')
        return escaped_hex(r, letter == 'x' ? 2 : letter == 'u' ? 4 : 8, c);
    if (letter >= '0' && letter <= '9')
        return rust_refuse(r, "references back, and octal numbers, are not supported");
    if (known && letter)
        letter = to[known - from];
    else if (isalnum((unsigned char)letter) || (unsigned char)letter >= 0x80 || !letter)
        return rust_refuse(r, "no such escape");
    *c = (unsigned char)letter;
    return true;
}

bool rust_escaped(struct rust *r, enum rust_escape *kind, uint32_t *c, struct rust_set *set,
                  const char **assertion)
{
    char letter;

    *kind = RUST_ASSERTION;
    for (size_t i = 0; i < sizeof assertions / sizeof *assertions; i++)
        if (rust_accept(r, assertions[i].text)) {
            *assertion = r->ascii ? assertions[i].ascii : assertions[i].unicode;
            return true;
        }
    if (r->at == r->end)
        return rust_refuse(r, "the pattern ends with a backslash");
    letter = *r->at++;
    *kind = RUST_SET;
    *set = (struct rust_set){.negated = letter >= 'A' && letter <= 'Z'};
    if (letter == 'p' || letter == 'P')
        return escaped_property(r, set);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (sets[i].letter == (letter | 32)) {
            set->items = r->ascii ? sets[i].ascii : sets[i].unicode;
            return true;
        }
    *kind = RUST_CHARACTER;
    return escaped_character(r, letter, c);
}
