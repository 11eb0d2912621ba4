/* The machine that runs patterns: ECMA-262's matcher (22.2.2) with its choices on a stack instead of in
 * continuations. Each operation is counted, and so is each character that one passes. */
#include "runtime/json/schema/machine.h"

#include <string.h>

#include "runtime/json/utf8.h"

#define FREE \
    (REGEX_FOREVER + 1) /* of a count: an iteration was empty, and so may be all that are due */

static bool push(struct matching *m, enum frame_kind kind, uint32_t pc, uint32_t a, uint32_t b)
{
    if ((m->depth + 1) * sizeof *m->stack > m->run->scratch->stack_size && !match_grow(m))
        return false;
    m->stack[m->depth++] = (struct frame){kind, pc & 0xffffff, a, b};
    return true;
}

/* Set a register, until what was chosen before is taken back. */
static bool set_register(struct matching *m, uint32_t reg, uint32_t value)
{
    if (m->regs[reg] == value)
        return true;
    if (m->depth && !push(m, FRAME_UNDO, reg, m->regs[reg], 0))
        return false;
    m->regs[reg] = value;
    return true;
}

/* The beginning of the character before AT. */
static uint32_t char_before(const struct matching *m, uint32_t at)
{
    do
        at--;
    while (at && ((unsigned char)m->text[at] & 0xC0) == 0x80);
    return at;
}

static uint32_t char_at(const struct matching *m, uint32_t at)
{
    uint32_t cp = 0;

    utf8_decode(m->text + at, m->text + m->n, &cp);
    return cp;
}

/* Pass one character from *AT that is OP's. */
static inline bool pass(const struct matching *m, const struct op *op, uint32_t *at)
{
    bool back = op->flags & OP_BACK;
    uint32_t from, cp;

    if (*at == (back ? 0 : m->n))
        return false;
    from = back ? char_before(m, *at) : *at;
    cp = (unsigned char)m->text[from];
    if (cp >= 128)
        cp = char_at(m, from);
    if (op->code == OP_CHAR ? cp != op->a : !set_has(&m->p->set[op->a], cp))
        return false;
    *at = back ? from : cp < 128 ? from + 1 : char_after(m, from);
    return true;
}

static bool do_run(struct matching *m, const struct op *op)
{
    uint32_t at = m->pos, passed = 0, least, run = m->pc - 1;
    bool good;

    while (passed < op->a && pass(m, op + 1, &at))
        passed++;
    least = at;
    good = passed == op->a;
    if (good && !(op->flags & OP_LAZY))
        while (passed < op->b && pass(m, op + 1, &at))
            passed++;
    m->fuel -= at > m->pos ? at - m->pos : m->pos - at;
    m->pos = at;
    m->pc++;
    if (!good)
        return false;
    if (op->flags & OP_LAZY)
        return op->a == op->b || push(m, FRAME_RUN, run, at, op->b - op->a);
    return at == least || push(m, FRAME_RUN, run, least, at);
}

/* FRAME, the topmost, has another way to go on. */
static bool run_again(struct matching *m, struct frame *frame)
{
    const struct op *op = &m->p->op[frame->pc];
    bool last, good = true;

    m->pc = frame->pc + 2;
    if (op->flags & OP_LAZY) {
        good = pass(m, op + 1, &frame->a);
        m->pos = frame->a;
        last = !--frame->b;
    } else {
        frame->b = op->flags & OP_BACK ? char_after(m, frame->b) : char_before(m, frame->b);
        m->pos = frame->b;
        last = frame->a == frame->b;
    }
    if (last || !good)
        m->depth--;
    return good;
}

/* Whether this choice is met here for the first time, as far as is known. */
static bool is_new(struct matching *m, const struct op *op)
{
    uint8_t *byte, bit = (uint8_t)(1u << m->pos % 8);

    if (!m->seen || !op->memo)
        return true;
    byte = &m->seen[(op->memo - 1) * seen_row(m) + m->pos / 8];
    if (*byte & bit)
        return false;
    *byte |= bit;
    return true;
}

bool machine_may_begin(const struct matching *m, uint32_t pc)
{
    const struct op *op = &m->p->op[pc];
    uint32_t at = m->pos;

    if (op->code == OP_END)
        return at == m->n;
    if (op->code == OP_RUN && op->a)
        op++;
    return (op->code != OP_CHAR && op->code != OP_SET) || pass(m, op, &at);
}

/* Go on from FIRST; if that fails, from SECOND. */
static bool choose(struct matching *m, uint32_t first, uint32_t second, bool lazy)
{
    uint32_t now = lazy ? second : first, later = lazy ? first : second;

    m->pc = now;
    if (!machine_may_begin(m, later))
        return true;
    m->pc = later;
    if (!machine_may_begin(m, now))
        return true;
    m->pc = now;
    return push(m, FRAME_CHOICE, later, m->pos, 0);
}

static bool do_loop(struct matching *m, const struct op *op)
{
    uint32_t count = m->regs[op->a] & ~FREE;

    if (count < op->c && !(m->regs[op->a] & FREE))
        return true;
    if (count < op->d)
        return choose(m, m->pc, op->b, op->flags & OP_LAZY);
    m->pc = op->b;
    return true;
}

/* An iteration of nothing is refused unless it is due. Without captures, one is as good as many. */
static bool do_again(struct matching *m, const struct op *op)
{
    const struct op *loop = &m->p->op[op->b];
    uint32_t count = m->regs[op->a] & ~FREE, free = m->regs[op->a] & FREE;

    if (m->regs[op->a + 1] == m->pos) {
        if (count >= loop->c || free)
            return false;
        if (!m->p->groups)
            free = FREE;
    }
    if (count < loop->c || loop->d != REGEX_FOREVER)
        count++;
    m->pc = op->b;
    return set_register(m, op->a, count | free);
}

static bool do_plus(struct matching *m, const struct op *op)
{
    if (m->regs[op->a] == m->pos)
        return true;
    return is_new(m, op) && choose(m, op->b, m->pc, op->flags & OP_LAZY);
}

static bool do_close(struct matching *m, const struct op *op)
{
    uint32_t reg = op->a * GROUP_REGISTERS, from = m->regs[reg + 2];
    bool back = op->flags & OP_BACK;

    return set_register(m, reg, back ? m->pos : from) &&
           set_register(m, reg + 1, back ? from : m->pos);
}

static bool do_reset(struct matching *m, const struct op *op)
{
    m->fuel -= op->b - op->a;
    for (uint32_t group = op->a; group < op->b; group++)
        if (!set_register(m, group * GROUP_REGISTERS, NONE))
            return false;
    return true;
}

/* A group that has not matched is empty. */
static bool do_backref(struct matching *m, const struct op *op)
{
    const uint32_t *group = &m->regs[op->a * GROUP_REGISTERS];
    uint32_t n = group[0] == NONE ? 0 : group[1] - group[0];
    bool back = op->flags & OP_BACK;

    if (n > (back ? m->pos : m->n - m->pos))
        return false;
    m->fuel -= n / 4;
    if (back)
        m->pos -= n;
    if (n && memcmp(m->text + m->pos, m->text + group[0], n) != 0)
        return false;
    if (!back)
        m->pos += n;
    return true;
}

/* What was met within LOOK need not have failed. */
static void forget(struct matching *m, const struct op *look)
{
    size_t n = (look->c - look->b) * seen_row(m);

    if (!m->seen || !n)
        return;
    m->fuel -= (int64_t)(n / 64);
    memset(m->seen + look->b * seen_row(m), 0, n);
}

static bool do_look(struct matching *m)
{
    uint32_t around = m->look;

    m->look = m->depth;
    return push(m, FRAME_LOOK, m->pc - 1, m->pos, around);
}

/* What was looked for is there: its choices are made for good, but its captures can be taken back. */
static bool do_looked(struct matching *m, const struct op *op)
{
    uint32_t kept = m->look, top = m->depth;
    struct frame look = m->stack[kept];

    m->fuel -= (top - kept) / 4;
    forget(m, &m->p->op[look.pc]);
    for (uint32_t i = kept + 1; i < top && !(op->flags & OP_NOT); i++)
        if (m->stack[i].kind == FRAME_UNDO)
            m->stack[kept++] = m->stack[i];
    for (; op->flags & OP_NOT && top > kept + 1; top--)
        if (m->stack[top - 1].kind == FRAME_UNDO)
            m->regs[m->stack[top - 1].pc] = m->stack[top - 1].a;
    m->depth = kept;
    m->look = look.b;
    m->pos = look.a;
    return !(op->flags & OP_NOT);
}

/* What was looked for is not there. */
static bool look_failed(struct matching *m, const struct frame *frame)
{
    const struct op *op = &m->p->op[frame->pc];

    m->pos = frame->a;
    m->look = frame->b;
    m->pc = op->a;
    m->depth--;
    return op->flags & OP_NOT;
}

static bool is_word(const struct matching *m, uint32_t at)
{
    unsigned char c = at < m->n ? (unsigned char)m->text[at] : 0;

    return (c >= '0' && c <= '9') || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool is_edge(const struct matching *m)
{
    return (m->pos && is_word(m, m->pos - 1)) != is_word(m, m->pos);
}

/* The next operation. False: it fails. */
static bool execute(struct matching *m)
{
    const struct op *op = &m->p->op[m->pc++];

    switch ((enum op_code)op->code) {
    case OP_CHAR:
    case OP_SET:
        return pass(m, op, &m->pos);
    case OP_RUN:
        return is_new(m, op) && do_run(m, op);
    case OP_START:
        return !m->pos;
    case OP_END:
        return m->pos == m->n;
    case OP_EDGE:
        return is_edge(m) != (op->flags & OP_NOT ? true : false);
    case OP_JUMP:
        m->pc = op->a;
        return true;
    case OP_SPLIT:
        return is_new(m, op) && choose(m, m->pc, op->a, op->flags & OP_LAZY);
    case OP_MARK:
        return set_register(m, op->a, m->pos);
    case OP_PLUS:
        return do_plus(m, op);
    case OP_COUNT:
        return set_register(m, op->a, 0);
    case OP_LOOP:
        return do_loop(m, op);
    case OP_AGAIN:
        return do_again(m, op);
    case OP_OPEN:
        return set_register(m, op->a * GROUP_REGISTERS + 2, m->pos);
    case OP_CLOSE:
        return do_close(m, op);
    case OP_RESET:
        return do_reset(m, op);
    case OP_BACKREF:
        return do_backref(m, op);
    case OP_LOOK:
        return do_look(m);
    case OP_LOOKED:
        return do_looked(m, op);
    case OP_MATCH:
        m->found = true;
        return true;
    }
    return false;
}

/* Go back to the last choice. False: there is none. */
static bool backtrack(struct matching *m)
{
    while (m->depth && !m->gone) {
        struct frame *frame = &m->stack[m->depth - 1];

        m->fuel--;
        switch ((enum frame_kind)frame->kind) {
        case FRAME_CHOICE:
            m->pc = frame->pc;
            m->pos = frame->a;
            m->depth--;
            return true;
        case FRAME_RUN:
            if (run_again(m, frame))
                return true;
            break;
        case FRAME_UNDO:
            m->regs[frame->pc] = frame->a;
            m->depth--;
            break;
        case FRAME_LOOK:
            if (look_failed(m, frame))
                return true;
        }
    }
    return false;
}

bool machine_run(struct matching *m)
{
    while (!m->found) {
        if (--m->fuel < 0 && !match_refuel(m))
            return false;
        if (!execute(m) && !backtrack(m))
            return false;
    }
    return true;
}
