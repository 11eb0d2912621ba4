/* Translates ECMA-262's regular expressions to PCRE2's: expands names of Unicode properties, and
 * rejects escapes that only PCRE2 has, so that a schema means the same here as elsewhere. The
 * pattern is a bundle's, untrusted; other errors are left for PCRE2 to report. */
#include <string.h>

#include "runtime/json/schema/regex.h"

static const struct {
    const char *name, *brief;
} categories[] = {
    {"Letter", "L"},
    {"Cased_Letter", "L&"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
    {"Unassigned", "Cn"},
};

static bool skip(const char **at, size_t *n, const char *prefix)
{
    size_t len = strlen(prefix);

    if (*n < len || memcmp(*at, prefix, len) != 0)
        return false;
    *at += len;
    *n -= len;
    return true;
}

/* Convert the N bytes between the braces of \p{...}. */
static void add_property(const char *at, size_t n, struct str *out)
{
    bool category = skip(&at, &n, "General_Category=") || skip(&at, &n, "gc=");

    if (!category && (skip(&at, &n, "Script_Extensions=") || skip(&at, &n, "scx=")))
        str_adds(out, "scx:");
    else if (!category && (skip(&at, &n, "Script=") || skip(&at, &n, "sc=")))
        str_adds(out, "sc:");
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        if (strlen(categories[i].name) == n && memcmp(categories[i].name, at, n) == 0) {
            str_adds(out, categories[i].brief);
            return;
        }
    }
    str_add(out, at, n);
}

char regex_convert(const char *text, struct str *out)
{
    str_add(out, "", 0);
    while (*text) {
        const char *close;

        if (*text != '\\' || !text[1]) {
            str_addc(out, *text++);
            continue;
        }
        if (strchr("AZzGKQEXRhHNCae", text[1]))
            return text[1];
        str_add(out, text, 2);
        text += 2;
        if ((text[-1] != 'p' && text[-1] != 'P') || *text != '{')
            continue;
        close = strchr(text, '}');
        if (!close)
            continue;
        str_addc(out, '{');
        add_property(text + 1, (size_t)(close - text - 1), out);
        text = close;
    }
    return '\0';
}
