/* Checks URIs by the grammar of RFC 3986, appendix A, IRIs by RFC 3987, 2.2, templates by RFC 6570, 2.
 * The text is untrusted UTF-8. */
#include <string.h>

#include "runtime/json/schema/format.h"
#include "runtime/json/uri.h"
#include "runtime/json/uri_parts.h"
#include "runtime/json/utf8.h"

/* Which characters beyond ASCII there may be. */
enum wide { ASCII, WIDE, WIDE_PRIVATE /* also those for private use */ };

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int uri_hex(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;

    if (!at)
        return -1;
    return (int)(at - digits) < 16 ? (int)(at - digits) : (int)(at - digits) - 16;
}

bool uri_char(char c, const char *more)
{
    return is_alnum(c) || (c && (strchr("-._~!$&'()*+,;=", c) || strchr(more, c)));
}

bool uri_escape(const char *at, size_t n)
{
    return n >= 3 && *at == '%' && uri_hex(at[1]) >= 0 && uri_hex(at[2]) >= 0;
}

/* RFC 3987, 2.2: ucschar, iprivate. Each of the planes 1 to 13 ends with two noncharacters; plane 14
 * begins with tags. */
static bool is_wide(uint32_t cp, enum wide wide)
{
    bool is_private = (cp >= 0xE000 && cp <= 0xF8FF) || cp >= 0xF0000;

    if (wide == ASCII || (cp & 0xFFFF) >= 0xFFFE)
        return false;
    if (is_private)
        return wide == WIDE_PRIVATE;
    return (cp >= 0xA0 && cp <= 0xD7FF) || (cp >= 0xF900 && cp <= 0xFDCF) ||
           (cp >= 0xFDF0 && cp <= 0xFFEF) || (cp >= 0x10000 && cp < 0xE0000) || cp >= 0xE1000;
}

static bool all(struct part part, const char *more, enum wide wide)
{
    const char *end = part.n ? part.at + part.n : part.at; /* NULL, if it is missing */
    uint32_t cp;

    for (const char *at = part.at; at < end;) {
        size_t len = *at & 0x80 ? utf8_decode(at, end, &cp) : 0;

        if (len ? !is_wide(cp, wide) : !uri_char(*at, more) && !uri_escape(at, (size_t)(end - at)))
            return false;
        at += len ? len : *at == '%' ? 3 : 1;
    }
    return true;
}

/* "v1.x" in brackets: an IPvFuture address. */
static bool is_future(const char *at, size_t n)
{
    size_t i = 1;

    if (n < 4 || (*at != 'v' && *at != 'V'))
        return false;
    while (i < n && uri_hex(at[i]) >= 0)
        i++;
    return i > 1 && i + 1 < n && at[i] == '.' &&
           all((struct part){at + i + 1, n - i - 1, true}, USER_MORE, ASCII) &&
           !memchr(at + i, '%', n - i);
}

static bool check_authority(struct part a, enum wide wide)
{
    const char *user = memchr(a.at, '@', a.n), *port;
    size_t host;

    if (user) {
        if (!all((struct part){a.at, (size_t)(user - a.at), true}, USER_MORE, wide))
            return false;
        a.n -= (size_t)(user + 1 - a.at);
        a.at = user + 1;
    }
    port = memrchr(a.at, ':', a.n);
    if (a.n && *a.at == '[') {
        const char *close = memchr(a.at, ']', a.n);

        if (!close)
            return false;
        host = (size_t)(close + 1 - a.at);
        port = host < a.n ? a.at + host : NULL;
        if ((port && *port != ':') ||
            !(format_ipv6(a.at + 1, host - 2) || is_future(a.at + 1, host - 2)))
            return false;
    } else {
        host = port ? (size_t)(port - a.at) : a.n;
        if (!all((struct part){a.at, host, true}, "", wide))
            return false;
    }
    for (size_t i = host + 1; i < a.n; i++)
        if (a.at[i] < '0' || a.at[i] > '9')
            return false;
    return true;
}

/* Whether N bytes are a reference; with ABSOLUTE, one with a scheme. */
static bool check(const char *text, size_t n, bool absolute, enum wide wide)
{
    struct uri u = uri_parse(text, n);

    if (absolute && !u.scheme.given)
        return false;
    if (u.authority.given && !check_authority(u.authority, wide))
        return false;
    /* A first segment with a ':' would be a scheme (4.2). */
    if (!u.scheme.given && !u.authority.given) {
        const char *slash = memchr(u.path.at, '/', u.path.n);

        if (memchr(u.path.at, ':', slash ? (size_t)(slash - u.path.at) : u.path.n))
            return false;
    }
    return all(u.path, PATH_MORE, wide) &&
           all(u.query, FRAGMENT_MORE, wide == WIDE ? WIDE_PRIVATE : wide) &&
           all(u.fragment, FRAGMENT_MORE, wide);
}

bool uri_check(const char *text, size_t n, bool absolute)
{
    return check(text, n, absolute, ASCII);
}

bool format_uri(const char *text, size_t n)
{
    return uri_check(text, n, true);
}

bool format_uri_reference(const char *text, size_t n)
{
    return uri_check(text, n, false);
}

bool format_iri(const char *text, size_t n)
{
    return check(text, n, true, WIDE);
}

bool format_iri_reference(const char *text, size_t n)
{
    return check(text, n, false, WIDE);
}

/* RFC 6570, 2.3: the length of the varname at AT, or 0. */
static size_t variable_length(const char *at, size_t n)
{
    size_t i = 0;

    while (i < n) {
        if (uri_escape(at + i, n - i))
            i += 3;
        else if (is_alnum(at[i]) || at[i] == '_')
            i++;
        else if (at[i] == '.' && i > 0 && at[i - 1] != '.')
            i++;
        else
            break;
    }
    return i > 0 && at[i - 1] == '.' ? 0 : i;
}

/* RFC 6570, 2.4: the length of the modifier at AT: none, "*", or a prefix of 1 to 9999. */
static size_t modifier_length(const char *at, size_t n)
{
    size_t i = 1;

    if (n && *at == '*')
        return 1;
    if (n < 2 || *at != ':' || at[1] < '1' || at[1] > '9')
        return 0;
    while (i < n && i < 5 && at[i] >= '0' && at[i] <= '9')
        i++;
    return i;
}

/* RFC 6570, 2.2: what is between braces. Operators in reserve are errors where one expands. */
static bool is_expression(const char *at, size_t n)
{
    const char *end = at + n;

    at += n && *at && strchr("+#./;?&", *at);
    for (;; at++) {
        size_t name = variable_length(at, (size_t)(end - at));

        if (!name)
            return false;
        at += name;
        at += modifier_length(at, (size_t)(end - at));
        if (at == end)
            return true;
        if (*at != ',')
            return false;
    }
}

/* RFC 6570, 2.1. */
static bool is_literal(uint32_t cp)
{
    return cp < 0x80 ? cp > ' ' && cp != 0x7F && !strchr("\"'<>\\^`{|}", (int)cp)
                     : is_wide(cp, WIDE_PRIVATE);
}

bool format_uri_template(const char *text, size_t n)
{
    const char *end = text + n;
    uint32_t cp;

    for (const char *at = text; at < end;) {
        const char *close = *at == '{' ? memchr(at, '}', (size_t)(end - at)) : NULL;
        size_t len = utf8_decode(at, end, &cp);

        if (close) {
            if (!is_expression(at + 1, (size_t)(close - at - 1)))
                return false;
            at = close + 1;
        } else if (len && is_literal(cp) && (*at != '%' || uri_escape(at, (size_t)(end - at)))) {
            at += len;
        } else {
            return false;
        }
    }
    return true;
}
