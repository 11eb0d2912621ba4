/* Turns of the wire: see turns.h. A compromised box can send any number and any id: only those
 * that were lent or named are accepted. Memory is bounded by the depth and by the ids that one
 * caller may name. */
#include "runtime/wire/turns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/wire/handles.h"

void turns_free(struct turns *t)
{
    str_free(&t->ids);
    free(t->slots);
    *t = (struct turns){0};
}

/* The slot of ID, or where it would be. .cap must not be 0. */
static uint32_t *slot_of(const struct turns *t, struct span id)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ (unsigned char)id.at[i]) * 16777619u;
    for (;; hash++) {
        uint32_t *slot = &t->slots[hash & (t->cap - 1)];
        const char *known = *slot ? t->ids.data + *slot - 1 : NULL;

        if (!known || ((unsigned char)*known == id.len && memcmp(known + 1, id.at, id.len) == 0))
            return slot;
    }
}

static bool is_named(const struct turns *t, struct span id)
{
    return t->cap && *slot_of(t, id);
}

static int turns_grow(struct turns *t)
{
    uint32_t *old = t->slots, was = t->cap;
    uint32_t *more = calloc(was ? was * 2u : 64u, sizeof *more);

    if (!more)
        return -1;
    t->slots = more;
    t->cap = was ? was * 2 : 64;
    for (uint32_t i = 0; i < was; i++)
        if (old[i]) {
            const char *known = t->ids.data + old[i] - 1;

            *slot_of(t, (struct span){known + 1, (unsigned char)*known}) = old[i];
        }
    free(old);
    return 0;
}

static int name(struct turns *t, struct span id, struct fault *why)
{
    if (is_named(t, id))
        return 0;
    if (t->count == TURNS_IDS_MAX)
        return fault_set(why, STATUS_INVALID, 0, "caller",
                         "names more than %d objects (\"$ref\") in one run", TURNS_IDS_MAX);
    if ((t->count >= t->cap / 2 && turns_grow(t) < 0) || str_reserve(&t->ids, id.len + 1) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "caller", "storing the names of its objects");
    *slot_of(t, id) = (uint32_t)t->ids.len + 1;
    str_addc(&t->ids, (char)id.len);
    str_add(&t->ids, id.at, id.len);
    t->count++;
    return 0;
}

int turns_named(struct turns *t, const char *text, size_t n, struct fault *why)
{
    const char *at = text, *end = text + n;
    struct handle h;
    int is;

    /* A caller lends no functions: to the box, {"$fn":1} is data. */
    while ((is = handle_next(&at, end, &h)) != 0)
        if (is > 0 && !h.fn && name(t, h.id, why) < 0)
            return -1;
    return 0;
}

int turns_start(struct turns *t, const char *line, size_t n, struct fault *why)
{
    static const char head[] = "{\"arg\":";
    struct json_scan arg = {.at = line + sizeof head - 1, .end = line + n};

    if (n < sizeof head || memcmp(line, head, sizeof head - 1) != 0 || !memchr(line, '$', n) ||
        json_skip(&arg, JSON_DEPTH_MAX) < 0)
        return 0;
    return turns_named(t, line, (size_t)(arg.at - line), why);
}

/* Check that objects in VALUE are named, and functions numbered from FIRST on; *COUNT functions. */
static int turns_check(const struct turns *t, struct span value, uint64_t first, uint64_t *count,
                       const char **what)
{
    const char *at = value.at, *end = value.at + value.len;
    struct handle h;
    int is;

    *count = 0;
    while ((is = handle_next(&at, end, &h)) != 0) {
        if (is < 0 || (h.fn && h.fn != first + *count)) {
            *what = "a function of a number that is not the next";
            return -1;
        }
        if (!h.fn && !is_named(t, h.id)) {
            *what = "an object that the caller has not named";
            return -1;
        }
        *count += h.fn != 0;
    }
    return 0;
}

int turns_value(struct turns *t, struct span value, const char **what)
{
    uint64_t count;

    if (value.len == 0)
        return 0;
    if (turns_check(t, value, t->lent + 1, &count, what) < 0)
        return -1;
    if (count) {
        *what = "a function that no call lends";
        return -1;
    }
    return 0;
}

int turns_call(struct turns *t, const struct event *e, const char **what)
{
    uint64_t first = t->lent + 1, count;

    if (t->depth >= WIRE_CALLS_DEEP) {
        *what = "calls that are nested too deeply";
        return -1;
    }
    if (e->ref.len && !is_named(t, e->ref)) {
        *what = "a call of an object that the caller has not named";
        return -1;
    }
    if (turns_check(t, e->value, first, &count, what) < 0)
        return -1;
    t->lent += count;
    t->call[t->depth / 2].first = first;
    t->call[t->depth / 2].end = first + count;
    t->depth++;
    return 0;
}

void turns_answered(struct turns *t)
{
    t->depth--;
}

int turns_return(struct turns *t, const struct event *e, const char **what)
{
    if (t->depth == 0) {
        *what = "a Return from nothing that was invoked";
        return -1;
    }
    if (turns_value(t, e->value, what) < 0)
        return -1;
    t->depth--;
    return 0;
}

int turns_invoke(struct turns *t, const struct invoke *i, struct fault *why)
{
    for (int open = t->depth / 2; open >= 0; open--) {
        if (i->fn < t->call[open].first || i->fn >= t->call[open].end)
            continue;
        if (turns_named(t, i->params.at, i->params.len, why) < 0)
            return -1;
        t->depth++;
        return 0;
    }
    return fault_set(why, STATUS_INVALID, 0, "caller",
                     "invokes function %llu, which no open call has lent",
                     (unsigned long long)i->fn);
}
