/* semver_match: whether a version (SemVer 2.0) fits a range, as Cargo writes ranges: "^1.2", "~1.2.3",
 * ">=1.2, <2", "1.*". */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/script/sn0int/sandbox.h"

struct identifiers { /* "alpha.1"; .n 0: none */
    const char *at;
    size_t n;
};

struct version {
    uint64_t number[3]; /* major, minor, patch */
    int count;          /* of them that are there; a range may have fewer */
    struct identifiers pre;
};

enum op { OP_EXACT, OP_GREATER, OP_GREATER_EQ, OP_LESS, OP_LESS_EQ, OP_TILDE, OP_CARET };

static bool semver_number(const char **at, uint64_t *number)
{
    const char *s = *at;

    *number = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        if (__builtin_mul_overflow(*number, 10u, number) ||
            __builtin_add_overflow(*number, (uint64_t)(*s - '0'), number))
            return false;
    if (s == *at || (**at == '0' && s - *at > 1))
        return false;
    *at = s;
    return true;
}

/* Identifiers separated by dots, none empty; in a pre-release, numbers without leading zeros. */
static bool semver_identifiers(const char **at, bool pre, struct identifiers *id)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
    const char *s = *at;

    for (;;) {
        size_t n = strspn(s, letters), digits = strspn(s, "0123456789");

        if (!n || (pre && n > 1 && digits == n && *s == '0'))
            return false;
        s += n;
        if (*s != '.')
            break;
        s++;
    }
    *id = (struct identifiers){*at, (size_t)(s - *at)};
    *at = s;
    return true;
}

/* Read up to three numbers, LEAST of them, then pre-release and build. *ANY: some was "*". */
static bool semver_version(const char **at, int least, struct version *v, bool *any)
{
    struct identifiers build;

    *v = (struct version){.count = 0};
    for (int i = 0; i < 3; i++) {
        if (i && **at != '.')
            break;
        if (i)
            ++*at;
        if (least < 3 && i && **at && strchr("*xX", **at)) {
            ++*at;
            *any = true;
        } else if (*any || !semver_number(at, &v->number[i])) {
            return false;
        } else {
            v->count = i + 1;
        }
    }
    if (v->count < least)
        return false;
    if (v->count == 3 && **at == '-' && (++*at, !semver_identifiers(at, true, &v->pre)))
        return false;
    return v->count < 3 || **at != '+' || (++*at, semver_identifiers(at, false, &build));
}

/* Compare identifiers: numbers by value, below texts, which compare by their bytes. */
static int identifier_order(struct identifiers a, struct identifiers b)
{
    bool a_number = strspn(a.at, "0123456789") >= a.n, b_number = strspn(b.at, "0123456789") >= b.n;
    int order;

    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a.n != b.n)
        return a.n < b.n ? -1 : 1;
    order = memcmp(a.at, b.at, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static struct identifiers identifier_first(struct identifiers *list)
{
    const char *dot = memchr(list->at, '.', list->n);
    struct identifiers first = {list->at, dot ? (size_t)(dot - list->at) : list->n};

    list->at += first.n + (dot ? 1 : 0);
    list->n -= first.n + (dot ? 1 : 0);
    return first;
}

/* SemVer 2.0, 11: a version without a pre-release comes after all of its pre-releases. */
static int pre_order(struct identifiers a, struct identifiers b)
{
    if (!a.n || !b.n)
        return (a.n == 0) - (b.n == 0);
    while (a.n && b.n) {
        int order = identifier_order(identifier_first(&a), identifier_first(&b));

        if (order)
            return order;
    }
    return (a.n > 0) - (b.n > 0);
}

/* The order of V and of the part that C has; -1, 0, 1. */
static int semver_order(const struct version *v, const struct version *c)
{
    for (int i = 0; i < c->count; i++)
        if (v->number[i] != c->number[i])
            return v->number[i] < c->number[i] ? -1 : 1;
    return c->count < 3 && !v->pre.n ? 0 : pre_order(v->pre, c->pre);
}

/* Whether the first COUNT numbers are the same. */
static bool semver_same(const struct version *v, const struct version *c, int count)
{
    return memcmp(v->number, c->number, (size_t)count * sizeof *v->number) == 0;
}

/* The numbers that a caret keeps: up to the first that is not 0. */
static int caret_keeps(const struct version *c)
{
    int keeps = 1;

    while (keeps < c->count && !c->number[keeps - 1])
        keeps++;
    return keeps;
}

static bool semver_fits(const struct version *v, enum op op, const struct version *c)
{
    int order = semver_order(v, c);
    /* of a part, a pre-release is neither the same nor above or below */
    bool whole = c->count == 3, same = semver_same(v, c, c->count);
    bool exact = same && pre_order(v->pre, c->pre) == 0;

    switch (op) {
    case OP_EXACT:
        return exact;
    case OP_GREATER:
        return order > 0 && (whole || !same);
    case OP_GREATER_EQ:
        return exact || (order > 0 && (whole || !same));
    case OP_LESS:
        return order < 0 && (whole || !same);
    case OP_LESS_EQ:
        return exact || (order < 0 && (whole || !same));
    case OP_TILDE:
        return semver_same(v, c, c->count < 2 ? c->count : 2) && (order >= 0 || (!whole && same));
    default:
        return semver_same(v, c, caret_keeps(c)) && (order >= 0 || (!whole && same));
    }
}

static bool semver_op(const char **at, enum op *op)
{
    static const struct {
        const char *text;
        enum op op;
    } ops[] = {{">=", OP_GREATER_EQ}, {"<=", OP_LESS_EQ}, {">", OP_GREATER}, {"<", OP_LESS},
               {"=", OP_EXACT},       {"~", OP_TILDE},    {"^", OP_CARET}};

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strncmp(*at, ops[i].text, strlen(ops[i].text)) == 0) {
            *at += strlen(ops[i].text);
            *op = ops[i].op;
            return true;
        }
    return false;
}

static void semver_space(const char **at)
{
    *at += strspn(*at, " ");
}

/* Whether V fits the range at TEXT: 1 or 0; -1: it is no range. */
static int semver_range(const char *text, const struct version *v)
{
    bool fits = true, pre = !v->pre.n;
    int most = 32; /* as many as Cargo takes */

    semver_space(&text);
    if (*text && strchr("*xX", *text)) {
        text++;
        semver_space(&text);
        return *text ? -1 : pre;
    }
    for (;;) {
        enum op op = OP_CARET;
        struct version c;
        bool any = false, named = semver_op(&text, &op);

        semver_space(&text);
        if (!semver_version(&text, 1, &c, &any) || !most--)
            return -1;
        fits = fits && semver_fits(v, any && !named ? OP_EXACT : op, &c);
        pre = pre || (c.count == 3 && c.pre.n && semver_same(v, &c, 3));
        semver_space(&text);
        if (!*text)
            return fits && pre;
        if (*text++ != ',')
            return -1;
        semver_space(&text);
    }
}

static int semver_match(lua_State *L)
{
    size_t n, m;
    const char *range = luaL_checklstring(L, 1, &n), *text = luaL_checklstring(L, 2, &m);
    const char *at = text;
    struct version v;
    bool any = false;
    int fits;

    if (!semver_version(&at, 3, &v, &any) || at != text + m)
        return sandbox_fail(L, "semver_match: \"%s\" is no version", text);
    fits = strlen(range) == n ? semver_range(range, &v) : -1;
    if (fits < 0)
        return sandbox_fail(L, "semver_match: \"%s\" is no range of versions", range);
    lua_pushboolean(L, fits);
    return 1;
}

void sandbox_open_semver(lua_State *L)
{
    lua_pushcfunction(L, semver_match);
    lua_setglobal(L, "semver_match");
}
