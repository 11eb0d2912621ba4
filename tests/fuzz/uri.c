/* URIs of schemas, runtime/json/uri*.c: resolving keeps what is a URI one, and what is resolved does not change
 * when it is resolved again. The first line is the base, the rest the reference. */
#include "runtime/json/uri.h"

#include <string.h>

#include "tests/fuzz/judge/judge.h"

/* RFC 3986 has no spelling for a path that begins with "//" where there is no authority: it reads as one. */
static bool is_ambiguous(const char *uri)
{
    const char *path = uri + strcspn(uri, ":/?#");

    path = *path == ':' ? path + 1 : uri;
    return strstr(path, "//") != NULL || *path != '/';
}

static void check_resolved(const char *base, const char *ref)
{
    autostr struct str once = {0}, twice = {0};

    uri_resolve(base, ref, &once);
    must(!once.failed && strlen(once.data) == once.len, "not a text");
    must(!memchr(once.data, '#', once.len), "a fragment is left: %s", once.data);
    if (uri_check(base, strlen(base), true) && uri_check(ref, strlen(ref), false)) {
        must(is_ambiguous(once.data) || uri_check(once.data, once.len, true),
             "%s and %s make %s, which is none", base, ref, once.data);
        uri_resolve(once.data, "", &twice);
        must(is_ambiguous(once.data) || strcmp(once.data, twice.data) == 0, "%s, then %s",
             once.data, twice.data);
    }
}

static void check_encoded(const char *text)
{
    autostr struct str fragment = {0}, again = {0};

    str_addc(&fragment, '#');
    uri_fragment(text, &fragment);
    must(uri_check(fragment.data, fragment.len, false), "no part of a URI: %s", fragment.data);
    uri_decode(fragment.data + 1, fragment.len - 1, &again);
    must(strcmp(again.data, text) == 0, "%s comes back as %s", text, again.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *stop = memchr(data, '\n', n);
    size_t first = stop ? (size_t)(stop - data) : n;
    autostr struct str base = {0}, ref = {0};

    uri_check((const char *)data, n, false);
    if (memchr(data, '\0', n))
        return 0;
    str_add(&base, data, first);
    str_addc(&base, '\0');
    if (stop)
        str_add(&ref, stop + 1, n - first - 1);
    str_addc(&ref, '\0');
    check_resolved(base.data, ref.data);
    check_encoded(ref.data);
    return 0;
}
