/* Sets of code points, and those of Unicode's properties (gen/unicode.h). A hostile pattern may name large
 * ones again and again: what is added is counted. */
#include <string.h>

#include "runtime/json/schema/regex.h"
#include "runtime/json/schema/schema.h"

struct unicode_name {
    char name[30];
    uint16_t set;
};

#include "gen/unicode.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The first range that ends at LO - 1 or later. */
static size_t set_place(const struct set *set, uint32_t lo)
{
    size_t a = 0, b = set->count;

    if (b && set->at[b - 1].hi + 1 < lo)
        return b;
    while (a < b) {
        size_t middle = (a + b) / 2;

        if (set->at[middle].hi + 1 < lo)
            a = middle + 1;
        else
            b = middle;
    }
    return a;
}

static bool set_insert(struct scratch *s, struct set *set, size_t i, struct range one)
{
    if (set->count == set->cap) {
        size_t cap = set->cap ? set->cap * 2 : 4;
        struct range *more =
            scratch_resize(s, set->at, set->cap * sizeof *more, cap * sizeof *more);

        if (!more)
            return false;
        set->at = more;
        set->cap = cap;
    }
    memmove(set->at + i + 1, set->at + i, (set->count - i) * sizeof *set->at);
    set->at[i] = one;
    set->count++;
    return true;
}

bool set_add(struct scratch *s, struct set *set, uint32_t lo, uint32_t hi)
{
    size_t i = set_place(set, lo), j = i;

    if (!scratch_steps(s, 1 + (set->count - i) / 64))
        return false;
    while (j < set->count && set->at[j].lo <= hi + 1)
        j++;
    if (i == j)
        return set_insert(s, set, i, (struct range){lo, hi});
    if (set->at[i].lo > lo)
        set->at[i].lo = lo;
    set->at[i].hi = set->at[j - 1].hi > hi ? set->at[j - 1].hi : hi;
    memmove(set->at + i + 1, set->at + j, (set->count - j) * sizeof *set->at);
    set->count -= j - i - 1;
    return true;
}

bool set_add_all(struct scratch *s, struct set *set, const struct set *other)
{
    for (size_t i = 0; i < other->count; i++)
        if (!set_add(s, set, other->at[i].lo, other->at[i].hi))
            return false;
    return true;
}

bool set_invert(struct scratch *s, struct set *set)
{
    struct set out = {0};
    uint32_t from = 0;
    bool good = true;

    for (size_t i = 0; good && i < set->count; i++) {
        if (set->at[i].lo > from)
            good = set_add(s, &out, from, set->at[i].lo - 1);
        from = set->at[i].hi + 1;
    }
    if (good && from < REGEX_CHARS)
        good = set_add(s, &out, from, REGEX_CHARS - 1);
    set_free(s, set);
    *set = out;
    return good;
}

void set_finish(struct set *set)
{
    for (size_t i = 0; i < set->count && set->at[i].lo < 128; i++)
        for (uint32_t cp = set->at[i].lo; cp <= set->at[i].hi && cp < 128; cp++)
            set->ascii[cp / 64] |= UINT64_C(1) << cp % 64;
}

void set_free(struct scratch *s, struct set *set)
{
    scratch_resize(s, set->at, set->cap * sizeof *set->at, 0);
    *set = (struct set){0};
}

bool set_has(const struct set *set, uint32_t cp)
{
    size_t a = 0, b = set->count;

    if (cp < 128)
        return set->ascii[cp / 64] >> cp % 64 & 1;
    while (a < b) {
        size_t middle = (a + b) / 2;

        if (set->at[middle].hi < cp)
            a = middle + 1;
        else
            b = middle;
    }
    return a < set->count && set->at[a].lo <= cp;
}

static int name_find(const struct unicode_name *names, size_t count, const char *text, size_t n)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i].name) == n && memcmp(names[i].name, text, n) == 0)
            return names[i].set;
    return -1;
}

int property_find(const char *text, size_t n)
{
    const char *equals = memchr(text, '=', n), *value = equals ? equals + 1 : text;
    size_t key = equals ? (size_t)(equals - text) : 0, rest = n - (size_t)(value - text);
    int found;

#define KEY(name) (key == sizeof name - 1 && memcmp(text, name, key) == 0)
    if (KEY("General_Category") || KEY("gc"))
        return name_find(unicode_categories, COUNT(unicode_categories), value, rest);
    if (KEY("Script") || KEY("sc"))
        return name_find(unicode_scripts, COUNT(unicode_scripts), value, rest);
    if (KEY("Script_Extensions") || KEY("scx")) {
        found = name_find(unicode_scripts, COUNT(unicode_scripts), value, rest);
        return found < 0 ? found : found + UNICODE_SCRIPTS;
    }
#undef KEY
    if (equals)
        return -1;
    found = name_find(unicode_categories, COUNT(unicode_categories), text, n);
    return found < 0 ? name_find(unicode_binaries, COUNT(unicode_binaries), text, n) : found;
}

/* The code point where the next range begins, or behind its end: from the one before, *AT. */
static const unsigned char *delta_next(const unsigned char *from, uint32_t *at)
{
    uint32_t n = 0;

    for (unsigned shift = 0;; shift += 7) {
        n |= (uint32_t)(*from & 127) << shift;
        if (!(*from++ & 128))
            break;
    }
    *at += n;
    return from;
}

bool property_add(struct scratch *s, struct set *set, int number)
{
    const unsigned char *from = unicode_deltas + unicode_starts[number],
                        *end = unicode_deltas + unicode_starts[number + 1];
    uint32_t at = 0, lo;

    while (from < end) {
        from = delta_next(from, &at);
        lo = at;
        from = delta_next(from, &at);
        if (!set_add(s, set, lo, at - 1))
            return false;
    }
    return true;
}

bool property_has(int number, uint32_t cp)
{
    const unsigned char *from = unicode_deltas + unicode_starts[number],
                        *end = unicode_deltas + unicode_starts[number + 1];
    uint32_t at = 0;
    bool within = false;

    for (; from < end; within = !within) {
        from = delta_next(from, &at);
        if (at > cp)
            return within;
    }
    return false;
}

const char *schema_unicode(void)
{
    return UNICODE_RELEASE;
}
