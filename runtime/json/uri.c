/* URI references by RFC 3986: parsing, resolving, percent-encoding. The texts are a bundle's or a
 * box's; they are only compared and copied. */
#include "runtime/json/uri.h"

#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/uri_parts.h"

static bool scheme_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!first && c && ((c >= '0' && c <= '9') || strchr("+-.", c)));
}

static struct part part_to(const char *at, const char *end)
{
    return (struct part){at, (size_t)(end - at), true};
}

static const char *until(const char *at, const char *end, const char *stops)
{
    while (at < end && !(*at && strchr(stops, *at)))
        at++;
    return at;
}

/* The regular expression of RFC 3986, appendix B. */
struct uri uri_parse(const char *text, size_t n)
{
    const char *end = text + n, *at = text, *stop = text;
    struct uri u = {0};

    while (stop < end && scheme_char(*stop, stop == text))
        stop++;
    if (stop > text && stop < end && *stop == ':') {
        u.scheme = part_to(text, stop);
        at = stop + 1;
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
        stop = until(at + 2, end, "/?#");
        u.authority = part_to(at + 2, stop);
        at = stop;
    }
    stop = until(at, end, "?#");
    u.path = part_to(at, stop);
    if (stop < end && *stop == '?') {
        at = stop + 1;
        stop = until(at, end, "#");
        u.query = part_to(at, stop);
    }
    if (stop < end)
        u.fragment = part_to(stop + 1, end);
    return u;
}

/* Drop the last segment of OUT after FROM, and the '/' before it. */
static void drop_segment(struct str *out, size_t from)
{
    while (out->len > from && out->data[out->len - 1] != '/')
        out->len--;
    if (out->len > from)
        out->len--;
    out->data[out->len] = '\0';
}

/* Append PATH to OUT without its "." and ".." segments (RFC 3986, 5.2.4). */
static void add_path(const char *path, size_t n, struct str *out)
{
    const char *at = path, *end = path + n;
    size_t from = out->len;

    while (at < end) {
        const char *stop = until(at + (*at == '/'), end, "/"), *name = at + (*at == '/');
        size_t len = (size_t)(stop - name);
        bool up = len == 2 && name[0] == '.' && name[1] == '.';

        if (up || (len == 1 && *name == '.')) {
            if (up && out->data && !out->failed)
                drop_segment(out, from);
            if (stop == end && (out->len > from || *at == '/'))
                str_addc(out, '/');
        } else {
            str_add(out, at, (size_t)(stop - at));
        }
        at = stop;
    }
}

static void add_merged(const struct uri *base, const struct uri *ref, struct str *out)
{
    autostr struct str whole = {0};
    size_t n = base->path.n;

    while (n > 0 && base->path.at[n - 1] != '/')
        n--;
    if (base->authority.given && base->path.n == 0)
        str_addc(&whole, '/');
    str_add(&whole, base->path.at, n);
    str_add(&whole, ref->path.at, ref->path.n);
    out->failed |= whole.failed;
    if (!whole.failed)
        add_path(whole.data, whole.len, out);
}

static void add_part(const char *before, struct part part, const char *after, struct str *out)
{
    if (!part.given)
        return;
    str_adds(out, before);
    str_add(out, part.at, part.n);
    str_adds(out, after);
}

void uri_resolve(const char *base, const char *ref, struct str *out)
{
    struct uri b = uri_parse(base, strlen(base)), r = uri_parse(ref, strlen(ref));
    const struct uri *host = r.scheme.given || r.authority.given ? &r : &b;

    str_add(out, "", 0);
    add_part("", r.scheme.given ? r.scheme : b.scheme, ":", out);
    add_part("//", host->authority, "", out);
    if (host == &r || (r.path.n && *r.path.at == '/'))
        add_path(r.path.at, r.path.n, out);
    else if (r.path.n)
        add_merged(&b, &r, out);
    else
        str_add(out, b.path.at, b.path.n);
    add_part("?", host == &r || r.path.n || r.query.given ? r.query : b.query, "", out);
}

void uri_fragment(const char *text, struct str *out)
{
    for (; *text; text++) {
        if (uri_char(*text, FRAGMENT_MORE))
            str_addc(out, *text);
        else
            str_addf(out, "%%%02X", (unsigned char)*text);
    }
}

void uri_decode(const char *text, size_t n, struct str *out)
{
    str_add(out, "", 0);
    for (size_t i = 0; i < n; i++) {
        if (uri_escape(text + i, n - i)) {
            str_addc(out, (char)(uri_hex(text[i + 1]) << 4 | uri_hex(text[i + 2])));
            i += 2;
        } else {
            str_addc(out, text[i]);
        }
    }
}
