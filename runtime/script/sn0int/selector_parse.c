/* CSS selectors: from text to conditions. What is not known here makes the whole text invalid, as CSS
 * has it. All that is made lies in one userdata of a size that the text's length bounds. */
#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/utf8.h"
#include "runtime/script/sn0int/html.h"
#include "runtime/script/sn0int/selector.h"

struct parser {
    const char *at, *end;
    char *room, *texts; /* where structs, and texts, are taken from */
    int depth;
};

static bool parse_list(struct parser *p, const struct selector **list);

static void *take(struct parser *p, size_t n)
{
    void *taken = p->room;

    p->room += n;
    return memset(taken, 0, n);
}

static char peek(const struct parser *p, size_t ahead)
{
    return (size_t)(p->end - p->at) > ahead ? p->at[ahead] : '\0';
}

static bool accept(struct parser *p, char c)
{
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool skip_space(struct parser *p)
{
    const char *from = p->at;

    while (p->at < p->end && *p->at && strchr(" \t\n\r\f", *p->at))
        p->at++;
    return p->at > from;
}

/* After a backslash: hexadecimal digits and a space, or a character that stands for itself. */
static bool parse_escape(struct parser *p)
{
    uint32_t c = 0;
    int digits = 0;

    if (p->at == p->end || *p->at == '\n')
        return false;
    for (; digits < 6 && isxdigit((unsigned char)peek(p, 0)); digits++, p->at++)
        c = c << 4 |
            (uint32_t)(isdigit((unsigned char)*p->at) ? *p->at - '0' : (*p->at | 32) - 'a' + 10);
    if (!digits) {
        *p->texts++ = *p->at++;
        return true;
    }
    if (peek(p, 0) && strchr(" \t\n\r\f", *p->at))
        p->at++;
    if (!c || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    p->texts += utf8_encode(c, p->texts);
    return true;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

/* An identifier; what follows "#" may begin with a digit (HASH). */
static bool parse_name(struct parser *p, struct part_text *name, bool hash)
{
    char first = peek(p, 0), second = first == '-' ? peek(p, 1) : first;

    name->at = p->texts;
    if (!hash &&
        (isdigit((unsigned char)second) || (first == '-' && !is_name(second) && second != '\\')))
        return false;
    while (p->at < p->end) {
        if (is_name(*p->at))
            *p->texts++ = *p->at++;
        else if (!accept(p, '\\'))
            break;
        else if (!parse_escape(p))
            return false;
    }
    name->n = (size_t)(p->texts - name->at);
    return name->n > 0;
}

static bool parse_string(struct parser *p, struct part_text *text)
{
    char quote = *p->at++;

    text->at = p->texts;
    while (!accept(p, quote)) {
        if (p->at == p->end || *p->at == '\n')
            return false;
        if (*p->at != '\\')
            *p->texts++ = *p->at++;
        else if (peek(p, 1) == '\n')
            p->at += 2;
        else if (p->at++, !parse_escape(p))
            return false;
    }
    text->n = (size_t)(p->texts - text->at);
    return true;
}

static void fold(struct part_text *text)
{
    for (char *c = (char *)(uintptr_t)text->at; c < text->at + text->n; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c;
}

/* After "[". */
static bool parse_attribute(struct parser *p, struct part *part)
{
    struct part_text flag = {0};
    char op;

    part->kind = PART_ATTRIBUTE;
    skip_space(p);
    if (!parse_name(p, &part->name, false))
        return false;
    fold(&part->name);
    skip_space(p);
    if (accept(p, ']'))
        return true;
    op = peek(p, 0);
    if (op && strchr("~|^$*", op))
        p->at++;
    if (!accept(p, '='))
        return false;
    part->op = op;
    skip_space(p);
    if (peek(p, 0) == '"' || peek(p, 0) == '\'' ? !parse_string(p, &part->value)
                                                : !parse_name(p, &part->value, false))
        return false;
    skip_space(p);
    if (is_name(peek(p, 0))) {
        if (!parse_name(p, &flag, false) || flag.n != 1 || !strchr("iIsS", *flag.at))
            return false;
        part->any_case = (*flag.at | 32) == 'i';
        skip_space(p);
    }
    part->html_any_case = !flag.n && selector_folds(part->name);
    return accept(p, ']');
}

static bool parse_integer(struct parser *p, int *number)
{
    long value = 0;

    if (!isdigit((unsigned char)peek(p, 0)))
        return false;
    for (; isdigit((unsigned char)peek(p, 0)); p->at++)
        value = value * 10 + (*p->at - '0') > 1000000000 ? 1000000000 : value * 10 + (*p->at - '0');
    *number = (int)value;
    return true;
}

/* "odd", "even", "3", "2n+1", "-n + 3". */
static bool parse_nth(struct parser *p, struct part *part)
{
    int sign = 1;

    skip_space(p);
    if (p->end - p->at >= 3 && strncasecmp(p->at, "odd", 3) == 0) {
        p->at += 3;
        part->a = 2, part->b = 1;
    } else if (p->end - p->at >= 4 && strncasecmp(p->at, "even", 4) == 0) {
        p->at += 4;
        part->a = 2;
    } else {
        bool number;

        sign = accept(p, '-') ? -1 : (accept(p, '+'), 1);
        number = parse_integer(p, &part->b);
        part->b *= sign;
        if (accept(p, 'n') || accept(p, 'N')) {
            part->a = number ? part->b : sign;
            part->b = 0;
            skip_space(p);
            if (peek(p, 0) == '+' || peek(p, 0) == '-') {
                sign = *p->at++ == '-' ? -1 : 1;
                skip_space(p);
                if (!parse_integer(p, &part->b))
                    return false;
                part->b *= sign;
            }
        } else if (!number) {
            return false;
        }
    }
    skip_space(p);
    return accept(p, ')');
}

static const struct pseudo {
    const char *name;
    enum part_kind kind;
    bool last, of_type;
    int b; /* of PART_NTH without an argument */
    bool argument;
} pseudos[] = {
    {"first-child", PART_NTH, false, false, 1, false},
    {"last-child", PART_NTH, true, false, 1, false},
    {"first-of-type", PART_NTH, false, true, 1, false},
    {"last-of-type", PART_NTH, true, true, 1, false},
    {"nth-child", PART_NTH, false, false, 0, true},
    {"nth-last-child", PART_NTH, true, false, 0, true},
    {"nth-of-type", PART_NTH, false, true, 0, true},
    {"nth-last-of-type", PART_NTH, true, true, 0, true},
    {"only-child", PART_ONLY, false, false, 0, false},
    {"only-of-type", PART_ONLY, false, true, 0, false},
    {"root", PART_ROOT, false, false, 0, false},
    {"empty", PART_EMPTY, false, false, 0, false},
    {"any-link", PART_LINK, false, false, 0, false},
    {"link", PART_LINK, false, false, 0, false},
    {"enabled", PART_ENABLED, false, false, 0, false},
    {"disabled", PART_DISABLED, false, false, 0, false},
    {"checked", PART_CHECKED, false, false, 0, false},
    {"visited", PART_NEVER, false, false, 0, false},
    {"hover", PART_NEVER, false, false, 0, false},
    {"active", PART_NEVER, false, false, 0, false},
    {"focus", PART_NEVER, false, false, 0, false},
    {"indeterminate", PART_NEVER, false, false, 0, false},
    {"is", PART_IS, false, false, 0, true},
    {"where", PART_IS, false, false, 0, true},
    {"not", PART_NOT, false, false, 0, true},
};

/* After ":". */
static bool parse_pseudo(struct parser *p, struct part *part)
{
    const struct pseudo *known = pseudos;
    bool argument;

    if (!parse_name(p, &part->name, false))
        return false;
    fold(&part->name);
    while (strlen(known->name) != part->name.n ||
           memcmp(known->name, part->name.at, part->name.n) != 0)
        if (++known == pseudos + sizeof pseudos / sizeof *pseudos)
            return false;
    argument = accept(p, '(');
    part->kind = known->kind;
    part->last = known->last;
    part->of_type = known->of_type;
    part->b = known->b;
    if (argument != known->argument)
        return false;
    if (!argument)
        return true;
    if (part->kind == PART_NTH)
        return parse_nth(p, part);
    return parse_list(p, &part->list) && accept(p, ')');
}

static bool parse_part(struct parser *p, struct part *part, bool first)
{
    if (accept(p, '#')) {
        part->kind = PART_ID;
        return parse_name(p, &part->value, true);
    }
    if (accept(p, '.')) {
        part->kind = PART_CLASS;
        return parse_name(p, &part->value, false);
    }
    if (accept(p, '['))
        return parse_attribute(p, part);
    if (accept(p, ':'))
        return parse_pseudo(p, part);
    if (first && accept(p, '*')) {
        part->kind = PART_ANY;
        return peek(p, 0) != '|';
    }
    part->kind = PART_TYPE;
    return first && parse_name(p, &part->name, false) && peek(p, 0) != '|';
}

static bool parse_compound(struct parser *p, struct compound *c)
{
    struct part **next = &c->parts;

    do {
        *next = take(p, sizeof **next);
        if (!parse_part(p, *next, next == &c->parts))
            return false;
        next = &(*next)->next;
    } while (p->at < p->end && !strchr(" \t\n\r\f>+~,)", *p->at));
    return true;
}

static bool parse_complex(struct parser *p, struct selector *s)
{
    struct compound *left = NULL;
    char combinator = '\0';

    for (;;) {
        struct compound *c = take(p, sizeof *c);
        bool space;

        skip_space(p);
        c->left = left;
        c->combinator = combinator;
        if (!parse_compound(p, c))
            return false;
        s->right = left = c;
        space = skip_space(p);
        if (p->at == p->end || *p->at == ',' || *p->at == ')')
            return true;
        combinator = *p->at && strchr(">+~", *p->at) ? *p->at++ : ' ';
        if (combinator == ' ' && !space)
            return false;
    }
}

static bool parse_list(struct parser *p, const struct selector **list)
{
    struct selector *s;

    if (p->depth++ == SELECTOR_DEPTH)
        return false;
    do {
        s = take(p, sizeof *s);
        *list = s;
        if (!parse_complex(p, s))
            return false;
        list = (const struct selector **)&s->next;
    } while (accept(p, ','));
    p->depth--;
    return true;
}

const struct selector *selector_parse(lua_State *L, const char *text, size_t n)
{
    /* of each byte comes a condition, a compound and a selector at most, and three bytes of text */
    size_t each = sizeof(struct part) + sizeof(struct compound) + sizeof(struct selector);
    const struct selector *list = NULL;
    struct parser p = {.at = text, .end = text + n};

    if (n > SELECTOR_MOST)
        return NULL;
    p.room = lua_newuserdatauv(L, (n + 1) * (each + 3), 0);
    p.texts = p.room + (n + 1) * each;
    return parse_list(&p, &list) && p.at == p.end ? list : NULL;
}
