/* The forms of a manifest's texts. Texts are untrusted; nothing here allocates, recurses or
 * backtracks. */
#include "bundles/shape.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "runtime/json/utf8.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* Whether TEXT is not empty and consists of ACCEPTED characters only. */
static bool only(const char *text, const char *accepted)
{
    size_t n = strspn(text, accepted);

    return n > 0 && text[n] == '\0';
}

bool shape_method(const char *text)
{
    return only(text, LOWER UPPER DIGITS "_.:-");
}

bool shape_namespace(const char *text)
{
    return only(text, LOWER UPPER DIGITS "_.-");
}

bool shape_syscall(const char *text)
{
    return only(text, LOWER DIGITS "_");
}

bool shape_env_name(const char *text)
{
    return *text && !strchr(text, '=');
}

bool shape_name(const char *text)
{
    for (int parts = 1;; parts++) {
        if (strspn(text, LOWER DIGITS) == 0)
            return false;
        text += strspn(text, LOWER DIGITS "._-");
        if (*text != '/' || parts == 2)
            return *text == '\0';
        text++;
    }
}

/* Skip dot-separated identifiers, up to one of ENDS. If NUMBERS, an all-digit one must have no
 * leading 0. Returns the end, or NULL if invalid. */
static const char *semver_list(const char *at, bool numbers, const char *ends)
{
    for (;;) {
        size_t n = strspn(at, LOWER UPPER DIGITS "-");

        if (n == 0 || (numbers && n > 1 && *at == '0' && strspn(at, DIGITS) == n))
            return NULL;
        at += n;
        if (*at != '.')
            return strchr(ends, *at) ? at : NULL; /* NUL is one of ENDS */
        at++;
    }
}

bool shape_version(const char *text)
{
    for (int part = 0; part < 3; part++) {
        size_t n = strspn(text, DIGITS);

        if (n == 0 || (n > 1 && *text == '0'))
            return false;
        text += n;
        if (part < 2 && *text++ != '.')
            return false;
    }
    if (*text == '-')
        text = semver_list(text + 1, true, "+");
    if (text && *text == '+')
        text = semver_list(text + 1, false, "");
    return text && *text == '\0';
}

bool shape_inside(const char *text)
{
    size_t n;

    if (!utf8_printable(text, strlen(text)))
        return false;
    for (;; text++) {
        if (*text == '.' || *text == '/' || *text == '\0')
            return false;
        n = strcspn(text, "/");
        if (n > NAME_MAX)
            return false;
        text += n;
        if (*text == '\0')
            return true;
    }
}

bool shape_lua_file(const char *text)
{
    size_t n = strlen(text);

    return shape_inside(text) && n > 4 && strcmp(text + n - 4, ".lua") == 0;
}

bool shape_absolute(const char *text)
{
    if (*text != '/' || !utf8_printable(text, strlen(text)))
        return false;
    while (*text == '/') {
        size_t n = strcspn(++text, "/");

        if (n == 0 || n > NAME_MAX || (n <= 2 && memcmp(text, "..", n) == 0))
            return false;
        text += n;
    }
    return true;
}

bool shape_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);

    return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool shape_lua_name(const char *text)
{
    static const char *const keywords[] = {
        "and",      "break",  "do",   "else", "elseif", "end",   "false", "for",
        "function", "goto",   "if",   "in",   "local",  "nil",   "not",   "or",
        "repeat",   "return", "then", "true", "until",  "while",
    };

    if (strspn(text, DIGITS) > 0 || !only(text, LOWER UPPER DIGITS "_"))
        return false;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(text, keywords[i]) == 0)
            return false;
    return true;
}

/* Dot-separated labels of 1 to 63 letters, digits and hyphens, no hyphen first or last. */
bool shape_hostname(const char *text)
{
    for (;; text++) {
        size_t n = strspn(text, LOWER UPPER DIGITS "-");

        if (n == 0 || n > 63 || text[0] == '-' || text[n - 1] == '-')
            return false;
        text += n;
        if (*text != '.')
            return *text == '\0';
    }
}
