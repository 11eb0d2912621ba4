/* The parser of patterns: alternatives, items, quantifiers, and the nodes that it makes of them. */
#include "runtime/json/schema/regex.h"

#include <string.h>

#include "runtime/json/utf8.h"

bool regex_wrong(struct regex *re, const char *where, const char *what)
{
    if (!re->what) {
        re->what = what;
        re->where = where;
    }
    return false;
}

uint32_t regex_none(struct regex *re, const char *where, const char *what)
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

uint32_t regex_assertion(struct regex *re, enum regex_kind kind, bool negative)
{
    uint32_t node = regex_node(re, kind);

    if (node) {
        re->node[node].negative = negative;
        re->node[node].empty = re->node[node].narrow = true;
    }
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
    uint32_t cp = 0;

    if ((c >= '1' && c <= '9') || c == 'k')
        return regex_backref(re);
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
        return regex_none(re, where,
                          "a ] that closes nothing (and ECMA-262 has no [:classes:]): write \\]");
    case '{':
        return regex_none(re, where, "a { that is no quantifier: write \\{");
    case '}':
        return regex_none(re, where, "a } that closes nothing: write \\}");
    case '*':
    case '?':
    case '+':
        return regex_none(re, where,
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
        return regex_assertion(re, REGEX_START, false);
    if (regex_skip(re, "$"))
        return regex_assertion(re, REGEX_END, false);
    if (regex_skip(re, "\\b"))
        return regex_assertion(re, REGEX_EDGE, false);
    if (regex_skip(re, "\\B"))
        return regex_assertion(re, REGEX_EDGE, true);
    *looks = false;
    if (regex_skip(re, "("))
        return regex_group(re, looks);
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

uint32_t regex_either(struct regex *re)
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
    re->root = regex_either(re);
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
