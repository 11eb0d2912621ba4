/* What people type and manifests hold in single words: limits, grants, keys' names, and the shapes of
 * names. A limit that is printed reads back as itself. */
#include <string.h>

#include "bundles/shape.h"
#include "runtime/json/brief.h"
#include "runtime/plan/plan.h"
#include "runtime/state/keyring.h"
#include "schemas/limits.h"
#include "tests/fuzz/judge/judge.h"

static void check_limits(const char *text)
{
    uint64_t value, again;
    struct fault why = {0};
    char print[32];

    for (int i = 0; i < LIMIT__COUNT; i++) {
        enum limit l = (enum limit)i;

        if (limit_parse(l, text, &value, &why) < 0) {
            must(*why.what, "refused without a word");
            continue;
        }
        must(value <= INT64_MAX, "a limit of 2^63 or more");
        limit_print(l, value, print, sizeof print);
        must(limit_parse(l, print, &again, &why) == 0 && again == value, "%s: %s is %s",
             limit_info[i].text, text, print);
    }
    if (size_parse(text, &value) == 0)
        must(strspn(text, "0123456789") + 1 >= strlen(text), "a size: %s", text);
}

static void check_names(const char *text)
{
    struct fault why = {0};
    struct key k;

    if (key_parse(text, &k, &why) == 0)
        must(key_namespace(k.ns) && *k.access &&
                 strlen(text) == strlen(k.ns) + 1 + strlen(k.access),
             "another key: %s:%s", k.ns, k.access);
    must(grant_check(text, &why) == 0 || *why.what, "a grant is refused without a word");
    must(!shape_inside(text) || (*text != '.' && *text != '/' && !strstr(text, "/.")),
         "a path that leads out: %s", text);
    must(!shape_absolute(text) || !strstr(text, "/../"), "a path that leads up: %s", text);
    must(!shape_lua_file(text) || shape_inside(text), "a source outside: %s", text);
    must(!shape_name(text) || !strstr(text, "//"), "a name: %s", text);
    must(!shape_hostname(text) || !strstr(text, ".."), "a host's name: %s", text);
    shape_version(text);
    shape_lua_name(text);
    shape_method(text);
    shape_syscall(text);
    shape_env_name(text);
    must(shape_below(text, text), "a path is not below itself: %s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    autostr struct str text = {0};
    struct suggestion near;
    char shown[BRIEF];

    if (memchr(data, '\0', n))
        return 0;
    str_add(&text, data, n);
    str_add(&text, "", 0);
    if (text.failed || !text.data)
        return 0;
    check_limits(text.data);
    check_names(text.data);
    near = suggest(text.data);
    suggest_try(&near, "memory");
    suggest_try(&near, text.data);
    must(strlen(brief_text(text.data, shown)) < BRIEF, "a brief text is long");
    return 0;
}
