/* From a parsed pattern to a program. ECMA-262's order of trials, and its captures, matter only to
 * backreferences: a pattern without one keeps no captures, may drop an iteration that matches nothing, and
 * remembers what failed (OP's memo), so that its time does not explode. The rest is as 22.2.2 has it. */
#include "runtime/json/schema/pattern.h"

struct maker {
    struct pattern *p;
    struct regex *re;
    bool exact;        /* there are backreferences */
    bool back;         /* within a look-behind */
    unsigned memoless; /* around it are loops that count */
    bool failed;
};

static void make(struct maker *m, uint32_t node);

/* Add OP; returns its place. */
static uint32_t emit(struct maker *m, struct op op)
{
    struct pattern *p = m->p;
    struct op *more = regex_room(m->re, p->op, &p->op_cap, p->ops + 1, sizeof *more);

    if (!more || !scratch_steps(m->re->scratch, 1)) {
        m->failed = true;
        return 0;
    }
    p->op = more;
    op.flags |= m->back ? OP_BACK : 0;
    p->op[p->ops] = op;
    return (uint32_t)p->ops++;
}

static uint32_t here(const struct maker *m)
{
    return (uint32_t)m->p->ops;
}

/* The operation at PLACE goes on from here. */
static void land(struct maker *m, uint32_t place)
{
    if (m->failed)
        return;
    if (m->p->op[place].code == OP_LOOP)
        m->p->op[place].b = here(m);
    else
        m->p->op[place].a = here(m);
}

static uint16_t memo(struct maker *m)
{
    if (m->exact || m->memoless)
        return 0;
    return (uint16_t)++m->p->memos;
}

static const struct regex_node *node_at(const struct maker *m, uint32_t node)
{
    return &m->re->node[node];
}

/* A char or a set, inside of groups that nothing refers to. */
static const struct regex_node *single(const struct maker *m, uint32_t node)
{
    const struct regex_node *one = node_at(m, node);

    while (one->kind == REGEX_CAPTURE && !m->exact)
        one = node_at(m, one->first);
    return one->kind == REGEX_CHAR || one->kind == REGEX_SET ? one : NULL;
}

static void make_single(struct maker *m, const struct regex_node *one)
{
    emit(m, (struct op){.code = one->kind == REGEX_CHAR ? OP_CHAR : OP_SET, .a = one->value});
}

static uint8_t lazy(const struct regex_node *node)
{
    return node->lazy ? OP_LAZY : 0;
}

/* Without captures: one iteration or more. An iteration of nothing is the last one. */
static void make_plus(struct maker *m, const struct regex_node *repeat)
{
    bool empty = node_at(m, repeat->first)->empty;
    uint32_t begin = here(m), mark = 0;

    if (empty) {
        mark = m->p->registers++;
        emit(m, (struct op){.code = OP_MARK, .a = mark});
    }
    make(m, repeat->first);
    if (empty)
        emit(m, (struct op){OP_PLUS, lazy(repeat), memo(m), mark, begin, 0, 0});
    else /* back to the begin first: a lazy split, for a greedy loop */
        emit(m, (struct op){OP_SPLIT, lazy(repeat) ^ OP_LAZY, memo(m), begin, 0, 0, 0});
}

static void make_counted(struct maker *m, const struct regex_node *repeat)
{
    uint32_t count = m->p->registers, loop;

    m->p->registers += 2; /* and where the iteration began */
    m->memoless++;
    emit(m, (struct op){.code = OP_COUNT, .a = count});
    loop = emit(m, (struct op){OP_LOOP, lazy(repeat), 0, count, 0, repeat->min, repeat->max});
    emit(m, (struct op){.code = OP_MARK, .a = count + 1});
    if (m->exact && repeat->from < repeat->to)
        emit(m, (struct op){.code = OP_RESET, .a = repeat->from, .b = repeat->to});
    make(m, repeat->first);
    emit(m, (struct op){.code = OP_AGAIN, .a = count, .b = loop});
    land(m, loop);
    m->memoless--;
}

static void make_optional(struct maker *m, const struct regex_node *repeat)
{
    uint32_t split = emit(m, (struct op){OP_SPLIT, lazy(repeat), memo(m), 0, 0, 0, 0});

    /* Lazy: skip it first, which is to go on from where it ends. */
    if (repeat->max == 1)
        make(m, repeat->first);
    else
        make_plus(m, repeat);
    land(m, split);
}

static void make_repeat(struct maker *m, const struct regex_node *repeat)
{
    const struct regex_node *one = single(m, repeat->first);
    bool narrow = node_at(m, repeat->first)->narrow;

    if (!repeat->max || (narrow && !repeat->min))
        return; /* an iteration of nothing that need not be is refused */
    if (repeat->max == 1 && repeat->min == 1) {
        make(m, repeat->first);
    } else if (narrow) {
        make(m, repeat->first); /* the others would find the same */
    } else if (one) {
        emit(m, (struct op){OP_RUN, lazy(repeat), memo(m), repeat->min, repeat->max, 0, 0});
        make_single(m, one);
    } else if (m->exact || repeat->min > 1 || (repeat->max != 1 && repeat->max != REGEX_FOREVER)) {
        make_counted(m, repeat);
    } else if (repeat->min) {
        make_plus(m, repeat);
    } else {
        make_optional(m, repeat);
    }
}

/* Whether it finds what it looks for depends on where it looks alone, whatever is around it. */
static void make_look(struct maker *m, const struct regex_node *node)
{
    bool back = m->back;
    unsigned memoless = m->memoless;
    uint8_t flags = node->negative ? OP_NOT : 0;
    uint32_t look = emit(m, (struct op){.code = OP_LOOK, .flags = flags, .b = m->p->memos});

    m->back = node->behind;
    m->memoless = 0;
    make(m, node->first);
    m->memoless = memoless;
    m->back = back;
    emit(m, (struct op){.code = OP_LOOKED, .flags = flags});
    land(m, look);
    if (!m->failed)
        m->p->op[look].c = m->p->memos;
}

static void make_capture(struct maker *m, const struct regex_node *node)
{
    if (m->exact)
        emit(m, (struct op){.code = OP_OPEN, .a = node->value});
    make(m, node->first);
    if (m->exact)
        emit(m, (struct op){.code = OP_CLOSE, .a = node->value});
}

/* The items, the last one first where text is read backwards. Each node is made once: its list may turn. */
static void make_sequence(struct maker *m, struct regex_node *node)
{
    if (m->back) {
        uint32_t turned = 0, next;

        for (uint32_t item = node->first; item; item = next) {
            next = m->re->node[item].next;
            m->re->node[item].next = turned;
            turned = item;
        }
        node->first = turned;
    }
    for (uint32_t item = node->first; item && !m->failed; item = node_at(m, item)->next)
        make(m, item);
}

/* Each but the last: try it, or else the next; then jump to the end. The jumps are chained until it is known. */
static void make_either(struct maker *m, const struct regex_node *node)
{
    uint32_t jumps = 0;

    for (uint32_t one = node->first; one && !m->failed; one = node_at(m, one)->next) {
        bool last = !node_at(m, one)->next;
        uint32_t split = last ? 0 : emit(m, (struct op){.code = OP_SPLIT, .memo = memo(m)});

        make(m, one);
        if (last)
            break;
        jumps = emit(m, (struct op){.code = OP_JUMP, .a = jumps});
        land(m, split);
    }
    while (jumps && !m->failed) {
        uint32_t next = m->p->op[jumps].a;

        land(m, jumps);
        jumps = next;
    }
}

static void make(struct maker *m, uint32_t number)
{
    struct regex_node *node = &m->re->node[number];

    switch (node->kind) {
    case REGEX_CHAR:
    case REGEX_SET:
        make_single(m, node);
        break;
    case REGEX_START:
        emit(m, (struct op){.code = OP_START});
        break;
    case REGEX_END:
        emit(m, (struct op){.code = OP_END});
        break;
    case REGEX_EDGE:
        emit(m, (struct op){.code = OP_EDGE, .flags = node->negative ? OP_NOT : 0});
        break;
    case REGEX_CAPTURE:
        make_capture(m, node);
        break;
    case REGEX_LOOK:
        make_look(m, node);
        break;
    case REGEX_BACKREF:
        emit(m, (struct op){.code = OP_BACKREF, .a = node->value});
        break;
    case REGEX_REPEAT:
        make_repeat(m, node);
        break;
    case REGEX_SEQUENCE:
        make_sequence(m, node);
        break;
    case REGEX_EITHER:
        make_either(m, node);
        break;
    }
}

/* Whether all that NODE matches begins at the text's. */
static bool is_anchored(const struct regex *re, uint32_t number)
{
    const struct regex_node *node = &re->node[number];
    bool all = true;

    switch (node->kind) {
    case REGEX_START:
        return true;
    case REGEX_CAPTURE:
        return is_anchored(re, node->first);
    case REGEX_SEQUENCE:
        return node->first && is_anchored(re, node->first);
    case REGEX_REPEAT:
        return node->min > 0 && is_anchored(re, node->first);
    case REGEX_EITHER:
        for (uint32_t one = node->first; one && all; one = re->node[one].next)
            all = is_anchored(re, one);
        return all;
    default:
        return false;
    }
}

bool program_make(struct pattern *p, struct regex *re)
{
    struct maker m = {.p = p, .re = re, .exact = re->backrefs};

    p->anchored = is_anchored(re, re->root);
    p->groups = m.exact ? re->groups + 1 : 0;
    p->registers = p->groups * GROUP_REGISTERS;
    make(&m, re->root);
    emit(&m, (struct op){.code = OP_MATCH});
    p->set = re->set;
    p->sets = re->sets;
    p->set_cap = re->set_cap;
    re->set = NULL;
    re->sets = re->set_cap = 0;
    return !m.failed;
}
