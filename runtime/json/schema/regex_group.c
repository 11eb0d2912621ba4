/* Groups, looks and backreferences. Recursion of the parser is bounded here. */
#include <string.h>

#include "runtime/json/schema/regex.h"

#define NEST_MAX 250 /* groups in groups */

/* Which extension of another language begins with "(?" and C. */
static const char *foreign_group(int c)
{
    static const struct {
        const char *letters, *what;
    } known[] = {
        {"imsxUJaLu-^", "ECMA-262 (2024) has no inline flags"},
        {"R&+0123456789", "ECMA-262 has no recursion"},
        {">", "ECMA-262 has no atomic groups"},
        {"P", "ECMA-262 writes named groups as (?<name>...) and \\k<name>"},
        {"'", "ECMA-262 writes named groups as (?<name>...)"},
        {"#", "ECMA-262 has no comments"},
        {"|", "ECMA-262 has no groups that share numbers"},
        {"(", "ECMA-262 has no conditions"},
    };

    for (size_t i = 0; c > 0 && i < sizeof known / sizeof *known; i++)
        if (strchr(known[i].letters, c))
            return known[i].what;
    return "(? must be followed by : = ! <= <! or <name>";
}

static uint32_t group_body(struct regex *re, const char *where)
{
    uint32_t body;

    if (re->depth == NEST_MAX)
        return regex_none(re, where, "groups nest too deeply");
    re->depth++;
    body = regex_either(re);
    re->depth--;
    return !body || regex_skip(re, ")") ? body : regex_none(re, where, "( without a )");
}

static uint32_t parse_look(struct regex *re, const char *where, bool behind, bool negative)
{
    uint32_t node = regex_assertion(re, REGEX_LOOK, negative),
             body = node ? group_body(re, where) : 0;

    if (!body)
        return 0;
    re->node[node].behind = behind;
    re->node[node].first = body;
    return node;
}

static uint32_t parse_capture(struct regex *re, const char *where, bool named)
{
    uint32_t node = regex_node(re, REGEX_CAPTURE), number, body;

    if (!node)
        return 0;
    number = ++re->groups;
    if (named && !regex_name(re, number, 0))
        return 0;
    body = group_body(re, where);
    if (!body)
        return 0;
    re->node[node].first = body;
    re->node[node].value = number;
    re->node[node].empty = re->node[body].empty;
    re->node[node].narrow = re->node[body].narrow;
    return node;
}

uint32_t regex_group(struct regex *re, bool *looks)
{
    const char *where = re->at - 1;

    *looks = false;
    if (regex_peek(re) == '*')
        return regex_none(re, where, "ECMA-262 has no verbs, and nothing is there to repeat");
    if (!regex_skip(re, "?"))
        return parse_capture(re, where, false);
    if (regex_skip(re, ":"))
        return group_body(re, where);
    *looks = true;
    if (regex_skip(re, "="))
        return parse_look(re, where, false, false);
    if (regex_skip(re, "!"))
        return parse_look(re, where, false, true);
    if (regex_skip(re, "<="))
        return parse_look(re, where, true, false);
    if (regex_skip(re, "<!"))
        return parse_look(re, where, true, true);
    *looks = false;
    if (regex_skip(re, "<"))
        return parse_capture(re, where, true);
    return regex_none(re, where, foreign_group(regex_peek(re)));
}

uint32_t regex_backref(struct regex *re)
{
    const char *where = re->at - 1;
    uint32_t node = regex_assertion(re, REGEX_BACKREF, false), number = 0;

    if (!node)
        return 0;
    re->backrefs = true;
    re->node[node].narrow = false;
    if (regex_skip(re, "k")) {
        if (!regex_skip(re, "<"))
            return regex_none(re, where, "\\k must be followed by <name>");
        return regex_name(re, 0, node) ? node : 0;
    }
    for (; regex_peek(re) >= '0' && regex_peek(re) <= '9'; re->at++)
        if (number < REGEX_FOREVER / 16)
            number = number * 10 + (uint32_t)(*re->at - '0');
    re->node[node].value = number;
    re->node[node].from = (uint32_t)(where - re->text);
    return node;
}
