/* Formats of names and addresses. Texts come from boxes and callers: they are scanned byte by byte,
 * in one pass each. */
#include "runtime/json/schema/format.h"

#include <arpa/inet.h>
#include <string.h>

#include "runtime/json/schema/node.h"
#include "runtime/json/schema/scratch.h"
#include "runtime/json/uri_parts.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 1123, 2.1: labels of letters, digits and inner hyphens. */
bool format_hostname(const char *text, size_t n)
{
    size_t label = 0;

    if (n == 0 || n > 253)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '.') {
            if (label == 0 || text[i - 1] == '-')
                return false;
            label = 0;
        } else if (++label > 63 || !(is_alnum(text[i]) || (text[i] == '-' && label > 1))) {
            return false;
        }
    }
    return label > 0 && text[n - 1] != '-';
}

/* RFC 5321, 4.1.2: the unquoted part before the '@'. */
static bool is_dot_atom(const char *text, size_t n, bool wide)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '.' ? i == 0 || i + 1 == n || text[i - 1] == '.'
                           : !is_alnum(text[i]) && !(wide && text[i] & 0x80) &&
                                 !(text[i] && strchr("!#$%&'*+-/=?^_`{|}~", text[i])))
            return false;
    }
    return n > 0;
}

static bool is_quoted(const char *text, size_t n, bool wide)
{
    if (n < 2 || text[0] != '"' || text[n - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < n; i++) {
        bool escaped = text[i] == '\\';

        if (escaped && ++i + 1 >= n)
            return false;
        if (wide && !escaped && text[i] & 0x80)
            continue;
        if (text[i] < ' ' || text[i] > '~' || (!escaped && text[i] == '"'))
            return false;
    }
    return true;
}

bool format_literal(const char *text, size_t n)
{
    if (n < 3 || text[0] != '[' || text[n - 1] != ']')
        return false;
    if (n > 7 && strncasecmp(text + 1, "IPv6:", 5) == 0)
        return format_ipv6(text + 6, n - 7);
    return format_ipv4(text + 1, n - 2);
}

bool format_local(const char *text, size_t n, bool wide)
{
    return n <= 64 && (is_dot_atom(text, n, wide) || is_quoted(text, n, wide));
}

static bool format_email(const char *text, size_t n)
{
    const char *at = memrchr(text, '@', n);
    size_t local = at ? (size_t)(at - text) : 0, domain = at ? n - local - 1 : 0;

    return at && format_local(text, local, false) &&
           (format_hostname(at + 1, domain) || format_literal(at + 1, domain));
}

static bool format_address(int family, const char *text, size_t n)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    char copy[INET6_ADDRSTRLEN];

    if (n >= sizeof copy || memchr(text, '\0', n))
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return inet_pton(family, copy, bytes) == 1;
}

bool format_ipv4(const char *text, size_t n)
{
    return format_address(AF_INET, text, n);
}

bool format_ipv6(const char *text, size_t n)
{
    return format_address(AF_INET6, text, n);
}

static bool format_uuid(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : uri_hex(text[i]) < 0)
            return false;
    return n == 36;
}

static bool format_json_pointer(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] == '~' && (i + 1 == n || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    return n == 0 || *text == '/';
}

static bool format_relative_json_pointer(const char *text, size_t n)
{
    size_t i = 0;

    while (i < n && is_digit(text[i]))
        i++;
    if (i == 0 || (text[0] == '0' && i > 1))
        return false;
    return (i + 1 == n && text[i] == '#') || format_json_pointer(text + i, n - i);
}

/* A short one may be costly: "\p{L}" is a set of hundreds of ranges. */
static bool format_regex(struct meter *m, const char *text, size_t n)
{
    struct findings ignored = {0};
    struct scratch *s = scratch_new();
    struct pattern *p = NULL;
    bool good;

    if (s) {
        s->meter = m;
        p = pattern_compile(s, text, n, NULL, &ignored);
    }
    good = p || !s || ignored.no_memory;
    pattern_free(p);
    scratch_free(s);
    findings_free(&ignored);
    return good;
}

static const struct format formats[] = {
    {"date-time", format_date_time, NULL, 1, 0},
    {"date", format_date, NULL, 1, 0},
    {"time", format_time, NULL, 1, 0},
    {"duration", format_duration, NULL, 1, 0},
    {"email", format_email, NULL, 1, 0},
    {"idn-email", format_idn_email, NULL, 512, 1280},
    {"hostname", format_hostname, NULL, 1, 0},
    {"idn-hostname", format_idn_hostname, NULL, 512, 1280},
    {"ipv4", format_ipv4, 0, 1, 0},
    {"ipv6", format_ipv6, 0, 1, 0},
    {"uri", format_uri, NULL, 1, 0},
    {"uri-reference", format_uri_reference, NULL, 1, 0},
    {"iri", format_iri, NULL, 2, 0},
    {"iri-reference", format_iri_reference, NULL, 2, 0},
    {"uri-template", format_uri_template, NULL, 2, 0},
    {"uuid", format_uuid, NULL, 1, 0},
    {"json-pointer", format_json_pointer, NULL, 1, 0},
    {"relative-json-pointer", format_relative_json_pointer, NULL, 1, 0},
    {"regex", NULL, format_regex, 1, 0},
};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
