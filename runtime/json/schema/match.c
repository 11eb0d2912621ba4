/* The machine that runs patterns: ECMA-262's matcher (22.2.2) with its choices on a stack instead of in
 * continuations. Pattern and subject are hostile: each operation, and each character that one passes, is
 * counted, and so is the stack. A match that goes on for long without backreferences is begun anew with a
 * memory of which choices were met where; none is then tried twice. */
#include <string.h>

#include "runtime/json/schema/pattern.h"
#include "runtime/json/schema/run.h"
#include "runtime/json/utf8.h"

#define FIRST_STEPS  4 /* of each match */
#define MORE_STEPS   64
#define TICKS_A_STEP 8 /* operations */
#define STACK_MAX    (UINT32_C(8) << 20)
#define SEEN_MAX     (UINT32_C(4) << 20)
#define SEEN_AFTER   2048 /* ticks, and as many a byte of the subject as: */
#define SEEN_A_BYTE  8
#define NONE         UINT32_MAX
#define FREE \
    (REGEX_FOREVER + 1) /* of a count: an iteration was empty, and so may be all that are due */

enum frame_kind {
    FRAME_CHOICE, /* go on at .pc from .a */
    FRAME_RUN,    /* one fewer, from .a to .b; lazy: one more from .a, at most .b times */
    FRAME_UNDO,   /* register .pc was .a */
    FRAME_LOOK    /* .pc looks from .a; .b: the frame of the look around it */
};

struct frame {
    unsigned kind : 8, pc : 24;
    uint32_t a, b;
};

struct matching {
    struct run *run;
    const struct pattern *p;
    const char *text;
    uint32_t n, start, pos, pc;
    uint32_t look; /* the frame of the innermost */
    struct frame *stack;
    uint32_t depth, *regs;
    uint8_t *seen; /* choices that were met: a bit each, or NULL */
    size_t seen_size;
    int64_t fuel; /* operations that are paid for */
    uint64_t ticks;
    bool restarts; /* could not, or need not: .seen is not tried again */
    const char *gone;
    bool found;
};

static bool give_up(struct matching *m, const char *why)
{
    m->gone = why;
    return false;
}

static bool stack_grow(struct matching *m)
{
    struct scratch *s = m->run->scratch;
    size_t more = s->stack_size ? s->stack_size * 2 : 64 * sizeof *m->stack;
    void *larger;

    if (more > STACK_MAX)
        return give_up(m, "matching a pattern needs too much memory");
    larger = scratch_resize(s, s->stack, s->stack_size, more);
    if (!larger)
        return give_up(m, s->refused ? spent_meter : spent_memory);
    s->stack = m->stack = larger;
    s->stack_size = more;
    return true;
}

static bool push(struct matching *m, enum frame_kind kind, uint32_t pc, uint32_t a, uint32_t b)
{
    if ((m->depth + 1) * sizeof *m->stack > m->run->scratch->stack_size && !stack_grow(m))
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

/* The beginnings of the characters behind and before AT. The text is UTF-8: json_check() saw it. */
static uint32_t char_after(const struct matching *m, uint32_t at)
{
    do
        at++;
    while (at < m->n && ((unsigned char)m->text[at] & 0xC0) == 0x80);
    return at;
}

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
    m->fuel -= (at > m->pos ? at - m->pos : m->pos - at) / 2;
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

/* Bytes of what is remembered of one choice: a bit for each position. */
static size_t seen_row(const struct matching *m)
{
    return (size_t)m->n / 8 + 1;
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

/* Whether what begins at PC may match here: what its first character says. */
static bool may_begin(const struct matching *m, uint32_t pc)
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
    if (!may_begin(m, later))
        return true;
    m->pc = later;
    if (!may_begin(m, now))
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

static void begin_at(struct matching *m, uint32_t start)
{
    m->start = m->pos = start;
    m->pc = m->depth = 0;
    m->look = NONE;
    m->fuel -= 1 + m->p->groups;
    for (uint32_t i = 0; i < m->p->groups; i++)
        m->regs[i * GROUP_REGISTERS] = NONE;
}

/* Begin anew, at the same place, with a memory of choices, if that may help. */
static bool remember(struct matching *m)
{
    size_t size = m->p->memos * seen_row(m);

    m->restarts = true;
    if (!m->p->memos || size > SEEN_MAX)
        return true;
    if (!run_steps(m->run, size / 64))
        return give_up(m, spent_meter);
    m->seen = scratch_resize(m->run->scratch, NULL, 0, size);
    if (!m->seen)
        return give_up(m, m->run->scratch->refused ? spent_meter : spent_memory);
    m->seen_size = size;
    memset(m->seen, 0, size);
    begin_at(m, m->start);
    return true;
}

/* Pay for what was done, and for what comes next. */
static bool refuel(struct matching *m)
{
    uint64_t steps = MORE_STEPS + (uint64_t)-m->fuel / TICKS_A_STEP;

    if (!run_steps(m->run, steps))
        return give_up(m, spent_meter);
    m->ticks += steps * TICKS_A_STEP;
    m->fuel += (int64_t)(steps * TICKS_A_STEP);
    if (!m->restarts &&
        (m->run->scratch->remembers || m->ticks > SEEN_AFTER + (uint64_t)m->n * SEEN_A_BYTE))
        return remember(m);
    return true;
}

/* Try all that the pattern can match from START. */
static bool try_at(struct matching *m, uint32_t start)
{
    begin_at(m, start);
    while (!m->found) {
        if (--m->fuel < 0 && !refuel(m))
            return false;
        if (!execute(m) && !backtrack(m))
            return false;
    }
    return true;
}

/* The first place from *AT on where the pattern may begin; false: none. */
static bool find_start(struct matching *m, uint32_t *at)
{
    const struct op *op = m->p->op;

    if (op->code == OP_RUN && op->a)
        op++;
    if (op->code != OP_CHAR && op->code != OP_SET)
        return true;
    for (; *at < m->n; *at = char_after(m, *at)) {
        uint32_t one = *at;

        if (pass(m, op, &one))
            return true;
        m->fuel--;
    }
    return false;
}

static bool search(struct matching *m)
{
    for (uint32_t at = 0; find_start(m, &at); at = char_after(m, at)) {
        if (try_at(m, at))
            return true;
        if (m->gone || m->p->anchored || at == m->n)
            return false;
    }
    return false;
}

static bool registers_ready(struct matching *m)
{
    struct scratch *s = m->run->scratch;
    size_t size = m->p->registers * sizeof *m->regs;
    void *more;

    if (size > s->regs_size) {
        more = scratch_resize(s, s->regs, s->regs_size, size);
        if (!more)
            return give_up(m, s->refused ? spent_meter : spent_memory);
        s->regs = more;
        s->regs_size = size;
    }
    if (size)
        memset(s->regs, 0, size);
    m->regs = s->regs;
    m->stack = s->stack;
    return run_steps(m->run, FIRST_STEPS + size / 64) || give_up(m, spent_meter);
}

int pattern_match(struct run *run, const struct pattern *p, const char *text, size_t n)
{
    struct matching m = {.run = run, .p = p, .text = text, .n = (uint32_t)n};
    bool found;

    if (run->spent)
        return -1;
    run->scratch->meter = run->meter;
    m.fuel = run->scratch->remembers ? 0 : FIRST_STEPS * TICKS_A_STEP;
    if (n >= REGEX_FOREVER)
        give_up(&m, "matching a pattern needs too much memory");
    found = !m.gone && registers_ready(&m) && search(&m);
    if (!m.gone && m.fuel < 0)
        run_steps(run, (uint64_t)-m.fuel / TICKS_A_STEP);
    scratch_resize(run->scratch, m.seen, m.seen_size, 0);
    if (m.gone && !run->spent)
        run->spent = m.gone;
    return run->spent ? -1 : found;
}
