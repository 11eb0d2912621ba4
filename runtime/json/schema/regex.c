/* The parser of patterns: alternatives, items, quantifiers, groups. Recursion is bounded by NEST_MAX. */
#include "runtime/json/schema/regex.h"

#include <string.h>

#include "runtime/json/utf8.h"

#define NEST_MAX 250 /* groups in groups */

static uint32_t parse_either(struct regex *re);

bool regex_wrong(struct regex *re, const char *where, const char *what)
{
    if (!re->what) {
        re->what = what;
        re->where = where;
    }
    return false;
}

static uint32_t none(struct regex *re, const char *where, const char *what)
{
    regex_wrong(re, where, what);
    return 0;
}

/* ARRAY of *CAP items of SIZE bytes, or a larger one: with room for COUNT. */
void *regex_room(struct regex *re, void *array, size_t *cap, size_t count, size_t size)
{
    size_t more = *cap ? *cap * 2 : 16;
    void *larger;

    if (count <= *cap)
        return array;
    larger = scratch_resize(re->scratch, array, *cap * size, more * size);
    if (larger)
        *cap = more;
    return larger;
}

uint32_t regex_node(struct regex *re, enum regex_kind kind)
{
    struct regex_node *node = regex_room(re, re->node, &re->node_cap, re->nodes + 1, sizeof *node);

    if (!node || !scratch_steps(re->scratch, 1))
        return 0;
    re->node = node;
    node[re->nodes] = (struct regex_node){.kind = kind};
    return (uint32_t)re->nodes++;
}

uint32_t regex_set(struct regex *re, struct set *set)
{
    struct set *sets = regex_room(re, re->set, &re->set_cap, re->sets + 1, sizeof *sets);
    uint32_t node = sets ? regex_node(re, REGEX_SET) : 0;

    if (sets)
        re->set = sets;
    if (!node) {
        set_free(re->scratch, set);
        return 0;
    }
    set_finish(set);
    re->set[re->sets] = *set;
    re->node[node].value = (uint32_t)re->sets++;
    return node;
}

bool regex_skip(struct regex *re, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(re->end - re->at) < n || memcmp(re->at, word, n) != 0)
        return false;
    re->at += n;
    return true;
}

uint32_t regex_char(struct regex *re)
{
    uint32_t cp = 0;
    size_t n = utf8_decode(re->at, re->end, &cp);

    re->at += n ? n : 1;
    return cp;
}

/* An item that is no text: ^ and its like. */
static uint32_t assertion(struct regex *re, enum regex_kind kind, bool negative)
{
    uint32_t node = regex_node(re, kind);

    if (node) {
        re->node[node].negative = negative;
        re->node[node].empty = re->node[node].narrow = true;
    }
    return node;
}

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

    if (re->depth == NEST_MAX) {
        regex_wrong(re, where, "groups nest too deeply");
        return 0;
    }
    re->depth++;
    body = parse_either(re);
    re->depth--;
    if (body && !regex_skip(re, ")")) {
        regex_wrong(re, where, "( without a )");
        return 0;
    }
    return body;
}

static uint32_t parse_look(struct regex *re, const char *where, bool behind, bool negative)
{
    uint32_t node = assertion(re, REGEX_LOOK, negative), body = node ? group_body(re, where) : 0;

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

/* Behind the "(". *LOOKS: it cannot be repeated. */
static uint32_t parse_group(struct regex *re, bool *looks)
{
    const char *where = re->at - 1;

    *looks = false;
    if (regex_peek(re) == '*') {
        regex_wrong(re, where, "ECMA-262 has no verbs, and nothing is there to repeat");
        return 0;
    }
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
    regex_wrong(re, where, foreign_group(regex_peek(re)));
    return 0;
}

/* \1, whose number is checked at the end, when all groups are known; \k<name>. */
static uint32_t parse_backref(struct regex *re)
{
    const char *where = re->at - 1;
    uint32_t node = assertion(re, REGEX_BACKREF, false), number = 0;

    if (!node)
        return 0;
    re->backrefs = true;
    re->node[node].narrow = false;
    if (regex_skip(re, "k")) {
        if (!regex_skip(re, "<"))
            return none(re, where, "\\k must be followed by <name>");
        return regex_name(re, 0, node) ? node : 0;
    }
    for (; regex_peek(re) >= '0' && regex_peek(re) <= '9'; re->at++)
        if (number < REGEX_FOREVER / 16)
            number = number * 10 + (uint32_t)(*re->at - '0');
    re->node[node].value = number;
    re->node[node].from = (uint32_t)(where - re->text);
    return node;
}

static uint32_t char_node(struct regex *re, uint32_t cp)
{
    uint32_t node = regex_node(re, REGEX_CHAR);

    if (node)
        re->node[node].value = cp;
    return node;
}

static uint32_t parse_escape(struct regex *re)
{
    int c = regex_peek(re);
    struct set set = {0};
    uint32_t cp;

    if ((c >= '1' && c <= '9') || c == 'k')
        return parse_backref(re);
    if (!regex_is_set(re))
        return regex_escape_char(re, false, &cp) ? char_node(re, cp) : 0;
    if (regex_escape_set(re, &set))
        return regex_set(re, &set);
    set_free(re->scratch, &set);
    return 0;
}

/* All characters but the ends of lines. */
static uint32_t parse_dot(struct regex *re)
{
    struct set set = {0};
    struct scratch *s = re->scratch;

    if (set_add(s, &set, '\n', '\n') && set_add(s, &set, '\r', '\r') &&
        set_add(s, &set, 0x2028, 0x2029) && set_invert(s, &set))
        return regex_set(re, &set);
    set_free(s, &set);
    return 0;
}

/* A character that stands for itself, or should not be here. */
static uint32_t parse_plain(struct regex *re)
{
    const char *where = re->at;

    switch (regex_peek(re)) {
    case ']':
        return none(re, where,
                    "a ] that closes nothing (and ECMA-262 has no [:classes:]): write \\]");
    case '{':
        return none(re, where, "a { that is no quantifier: write \\{");
    case '}':
        return none(re, where, "a } that closes nothing: write \\}");
    case '*':
    case '?':
    case '+':
        return none(re, where,
                    *where == '+' && where == re->quantified
                        ? "nothing to repeat: ECMA-262 has no possessive quantifiers"
                        : "nothing to repeat");
    default:
        return char_node(re, regex_char(re));
    }
}

/* *LOOKS: it cannot be repeated. */
static uint32_t parse_atom(struct regex *re, bool *looks)
{
    *looks = true;
    if (regex_skip(re, "^"))
        return assertion(re, REGEX_START, false);
    if (regex_skip(re, "$"))
        return assertion(re, REGEX_END, false);
    if (regex_skip(re, "\\b"))
        return assertion(re, REGEX_EDGE, false);
    if (regex_skip(re, "\\B"))
        return assertion(re, REGEX_EDGE, true);
    *looks = false;
    if (regex_skip(re, "("))
        return parse_group(re, looks);
    if (regex_skip(re, "["))
        return regex_class(re);
    if (regex_skip(re, "."))
        return parse_dot(re);
    return regex_skip(re, "\\") ? parse_escape(re) : parse_plain(re);
}

static bool parse_count(struct regex *re, uint64_t *n)
{
    const char *from = re->at;

    for (*n = 0; regex_peek(re) >= '0' && regex_peek(re) <= '9'; re->at++)
        if (*n < UINT64_MAX / 16)
            *n = *n * 10 + (uint64_t)(*re->at - '0');
    return re->at > from;
}

/* {3}, {3,} or {3,5}. */
static bool parse_braces(struct regex *re, uint64_t *min, uint64_t *max)
{
    const char *where = re->at - 1;
    bool good = parse_count(re, min);

    *max = *min;
    if (good && regex_skip(re, ",") && !parse_count(re, max))
        *max = UINT64_MAX;
    if (!good || !regex_skip(re, "}"))
        return regex_wrong(re, where, "a { that is no quantifier: write \\{");
    return *min <= *max || regex_wrong(re, where, "a quantifier whose least is more than its most");
}

/* ATOM, and the quantifier behind it, if there is one. FROM: its first group. */
static uint32_t parse_quantifier(struct regex *re, uint32_t atom, uint32_t from)
{
    uint64_t min = 0, max = UINT64_MAX;
    struct regex_node *node;
    uint32_t repeat;

    if (regex_skip(re, "?"))
        max = 1;
    else if (regex_skip(re, "+"))
        min = 1;
    else if (regex_skip(re, "{") ? !parse_braces(re, &min, &max) : !regex_skip(re, "*"))
        return re->what ? 0 : atom;
    repeat = regex_node(re, REGEX_REPEAT);
    if (!repeat)
        return 0;
    node = &re->node[repeat];
    node->lazy = regex_skip(re, "?");
    node->first = atom;
    node->min = min < REGEX_FOREVER ? (uint32_t)min : REGEX_FOREVER;
    node->max = max < REGEX_FOREVER ? (uint32_t)max : REGEX_FOREVER;
    node->from = from;
    node->to = re->groups + 1;
    node->empty = !min || re->node[atom].empty;
    node->narrow = !max || re->node[atom].narrow;
    re->quantified = re->at;
    return repeat;
}

static uint32_t parse_item(struct regex *re)
{
    uint32_t from = re->groups + 1, atom;
    bool looks;

    atom = parse_atom(re, &looks);
    return atom && !looks ? parse_quantifier(re, atom, from) : atom;
}

/* Put CHILD behind *LAST among NODE's children. */
static void add_child(struct regex *re, uint32_t node, uint32_t *last, uint32_t child)
{
    if (*last)
        re->node[*last].next = child;
    else
        re->node[node].first = child;
    *last = child;
}

static uint32_t parse_sequence(struct regex *re)
{
    uint32_t sequence = regex_node(re, REGEX_SEQUENCE), last = 0, item;
    bool empty = true, narrow = true;

    if (!sequence)
        return 0;
    while (re->at < re->end && *re->at != '|' && *re->at != ')') {
        item = parse_item(re);
        if (!item)
            return 0;
        empty = empty && re->node[item].empty;
        narrow = narrow && re->node[item].narrow;
        add_child(re, sequence, &last, item);
    }
    re->node[sequence].empty = empty;
    re->node[sequence].narrow = narrow;
    return last && last == re->node[sequence].first ? last : sequence;
}

static uint32_t parse_either(struct regex *re)
{
    uint32_t one = parse_sequence(re), either, last = 0;

    if (!one || regex_peek(re) != '|')
        return one;
    either = regex_node(re, REGEX_EITHER);
    if (!either)
        return 0;
    re->node[either].narrow = true;
    for (;;) {
        re->node[either].empty |= re->node[one].empty;
        re->node[either].narrow &= re->node[one].narrow;
        add_child(re, either, &last, one);
        if (!regex_skip(re, "|"))
            return either;
        one = parse_sequence(re);
        if (!one)
            return 0;
    }
}

static bool check_backrefs(struct regex *re)
{
    for (size_t i = 1; i < re->nodes; i++)
        if (re->node[i].kind == REGEX_BACKREF && re->node[i].value > re->groups)
            return regex_wrong(re, re->text + re->node[i].from, "no group has this number");
    return regex_resolve(re);
}

bool regex_parse(struct regex *re, const char *text, size_t n)
{
    re->text = re->at = text;
    re->end = text + n;
    re->nodes = 1;
    re->root = parse_either(re);
    if (!re->root)
        return false;
    if (re->at < re->end)
        return regex_wrong(re, re->at, "a ) that closes nothing: write \\)");
    return check_backrefs(re);
}

void regex_free(struct regex *re)
{
    for (size_t i = 0; i < re->sets; i++)
        set_free(re->scratch, &re->set[i]);
    scratch_resize(re->scratch, re->set, re->set_cap * sizeof *re->set, 0);
    scratch_resize(re->scratch, re->node, re->node_cap * sizeof *re->node, 0);
    scratch_resize(re->scratch, re->name, re->name_cap * sizeof *re->name, 0);
}
