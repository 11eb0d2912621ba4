/* Checks URIs by the grammar of RFC 3986, appendix A. The text is untrusted. */
#include <string.h>

#include "runtime/json/schema/format.h"
#include "runtime/json/uri.h"
#include "runtime/json/uri_parts.h"

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

static bool all(struct part part, const char *more)
{
    for (size_t i = 0; i < part.n; i++) {
        if (uri_escape(part.at + i, part.n - i))
            i += 2;
        else if (!uri_char(part.at[i], more))
            return false;
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
           all((struct part){at + i + 1, n - i - 1, true}, USER_MORE) &&
           !memchr(at + i, '%', n - i);
}

static bool check_authority(struct part a)
{
    const char *user = memchr(a.at, '@', a.n), *port;
    size_t host;

    if (user) {
        if (!all((struct part){a.at, (size_t)(user - a.at), true}, USER_MORE))
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
        if (!all((struct part){a.at, host, true}, ""))
            return false;
    }
    for (size_t i = host + 1; i < a.n; i++)
        if (a.at[i] < '0' || a.at[i] > '9')
            return false;
    return true;
}

bool uri_check(const char *text, size_t n, bool absolute)
{
    struct uri u = uri_parse(text, n);

    if (absolute && !u.scheme.given)
        return false;
    if (u.authority.given && !check_authority(u.authority))
        return false;
    /* A first segment with a ':' would be a scheme (4.2). */
    if (!u.scheme.given && !u.authority.given) {
        const char *slash = memchr(u.path.at, '/', u.path.n);

        if (memchr(u.path.at, ':', slash ? (size_t)(slash - u.path.at) : u.path.n))
            return false;
    }
    return all(u.path, PATH_MORE) && all(u.query, FRAGMENT_MORE) && all(u.fragment, FRAGMENT_MORE);
}
