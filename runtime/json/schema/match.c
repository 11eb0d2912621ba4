/* Matching: where a match may begin, what it costs, and a memory for those that go on for long: of
 * which choices were met where, none of which is then tried twice. Pattern and subject are hostile. */
#include <string.h>

#include "runtime/json/schema/machine.h"

#define FIRST_STEPS  4 /* of each match */
#define MORE_STEPS   64
#define TICKS_A_STEP 8 /* operations */
#define STACK_MAX    (UINT32_C(8) << 20)
#define SEEN_MAX     (UINT32_C(4) << 20)
#define SEEN_AFTER   2048 /* ticks, and as many a byte of the subject as: */
#define SEEN_A_BYTE  8

static bool give_up(struct matching *m, const char *why)
{
    m->gone = why;
    return false;
}

bool match_grow(struct matching *m)
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
bool match_refuel(struct matching *m)
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

/* The first place from *AT on where the pattern may begin; false: none. */
static bool find_start(struct matching *m, uint32_t *at)
{
    for (; *at < m->n; *at = char_after(m, *at)) {
        m->pos = *at;
        if (machine_may_begin(m, 0))
            return true;
        m->fuel--;
    }
    m->pos = m->n;
    return machine_may_begin(m, 0);
}

static bool search(struct matching *m)
{
    for (uint32_t at = 0; find_start(m, &at); at = char_after(m, at)) {
        begin_at(m, at);
        if (machine_run(m))
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
