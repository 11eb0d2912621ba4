/* Names of groups, and references to them. Two names are the same if their characters are, escaped or not. */
#include "runtime/json/schema/regex.h"

static bool is_part(struct regex *re, uint32_t cp, bool first)
{
    if (cp == '$' || cp == '_' || (cp < 128 && ((cp | 32) >= 'a' && (cp | 32) <= 'z')))
        return true;
    if (cp < 128)
        return !first && cp >= '0' && cp <= '9';
    if (!scratch_steps(re->scratch, 64))
        return false;
    if (!first && (cp == 0x200C || cp == 0x200D))
        return true;
    return property_has(first ? property_find("IDS", 3) : property_find("IDC", 3), cp);
}

static bool name_char(struct regex *re, uint32_t *cp)
{
    if (!regex_skip(re, "\\u")) {
        *cp = regex_char(re);
        return true;
    }
    return regex_escape_unicode(re, cp);
}

bool regex_name(struct regex *re, uint32_t group, uint32_t node)
{
    const char *from = re->at;
    struct regex_name *name = regex_room(re, re->name, &re->name_cap, re->names + 1, sizeof *name);
    uint32_t cp = 0;

    if (!name)
        return false;
    re->name = name;
    while (regex_peek(re) > 0 && regex_peek(re) != '>') {
        const char *where = re->at;
        bool first = where == from;

        if (!name_char(re, &cp))
            return false;
        if (!is_part(re, cp, first))
            return regex_wrong(re, where,
                               "a group's name has letters, digits, $ and _, no digit first");
    }
    if (re->at == from || regex_peek(re) != '>')
        return regex_wrong(re, from, "a group's name and > must follow <");
    re->name[re->names++] = (struct regex_name){from, re->at++, group, node};
    return true;
}

static bool is_same(struct regex *re, const struct regex_name *a, const struct regex_name *b)
{
    struct regex left = {.at = a->at, .end = a->end}, right = {.at = b->at, .end = b->end};
    uint32_t x = 0, y = 0;

    while (left.at < left.end && right.at < right.end) {
        if (!scratch_steps(re->scratch, 1) || !name_char(&left, &x) || !name_char(&right, &y) ||
            x != y)
            return false;
    }
    return left.at == left.end && right.at == right.end;
}

static uint32_t name_find(struct regex *re, size_t until, const struct regex_name *name)
{
    for (size_t i = 0; i < until; i++)
        if (re->name[i].group && scratch_steps(re->scratch, 1) && is_same(re, &re->name[i], name))
            return re->name[i].group;
    return 0;
}

bool regex_resolve(struct regex *re)
{
    for (size_t i = 0; i < re->names; i++) {
        const struct regex_name *name = &re->name[i];
        uint32_t group = name_find(re, name->group ? i : re->names, name);

        if (name->group && group)
            return regex_wrong(re, name->at, "two groups have this name");
        if (!name->group && !group)
            return regex_wrong(re, name->at, "no group has this name");
        if (!name->group)
            re->node[name->node].value = group;
    }
    return true;
}
