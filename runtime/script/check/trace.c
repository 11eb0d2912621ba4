/* Follows a function's instructions in a straight line, tracking what each register is known to
 * hold: _ENV, a literal, a global, a field of one. Forgets anything uncertain: where paths meet,
 * and from the first register that an instruction writes upwards. Opcodes are Lua 5.4's
 * (lopcodes.h); a unit test compares them with the linked compiler. */
#include "runtime/script/check/trace.h"

#include <string.h>

enum {
    OP_LOADK = 3,
    OP_GETUPVAL = 9,
    OP_GETTABUP = 11,
    OP_GETTABLE = 12,
    OP_GETFIELD = 14,
    OP_SETTABUP = 15,
    OP_SETTABLE = 16,
    OP_SETFIELD = 18,
    OP_SETUPVAL = 10,
    OP_MMBIN = 46,
    OP_MMBINK = 48,
    OP_CLOSE = 54,
    OP_JMP = 56,
    OP_TEST = 66,
    OP_CALL = 68,
    OP_TAILCALL = 69,
    OP_RETURN = 70,
    OP_RETURN1 = 72,
    OP_SETLIST = 78,
    OP_EXTRAARG = 82,
};

#define JMP_ZERO 16777215 /* OFFSET_sJ */
#define NEAR     2        /* a field is read at most this many instructions after its table */

enum known { NOTHING, ENV, LITERAL, GLOBAL, FIELD };

struct reg {
    enum known known;
    struct text name, field; /* LITERAL: name */
    size_t pc;               /* of the instruction that wrote it */
};

struct trace {
    const struct function *f;
    void (*seen)(void *ud, const struct use *use);
    void *ud;
    size_t pc;
    struct reg reg[256];
};

struct fields { /* of one instruction */
    unsigned op, a, b, c, bx;
};

static struct fields trace_decode(const unsigned char *at)
{
    uint32_t i;

    memcpy(&i, at, sizeof i);
    return (struct fields){
        .op = i & 0x7f, .a = i >> 7 & 0xff, .b = i >> 16 & 0xff, .c = i >> 24, .bx = i >> 15};
}

static void see(struct trace *t, enum use_kind kind, const struct reg *of, struct text text)
{
    struct use use = {.kind = kind,
                      .name = of->name,
                      .field = of->field,
                      .text = text,
                      .line = t->f->line[t->pc]};

    t->seen(t->ud, &use);
}

static void trace_forget(struct trace *t, unsigned from)
{
    for (unsigned i = from; i < 256; i++)
        t->reg[i].known = NOTHING;
}

static void learn(struct trace *t, unsigned a, struct reg what)
{
    what.pc = t->pc;
    t->reg[a] = what;
}

static struct text constant(const struct trace *t, size_t i)
{
    return i < t->f->constants ? t->f->constant[i] : (struct text){0};
}

/* R[A] := FROM[KEY] */
static void trace_get(struct trace *t, unsigned a, struct reg from, struct text key)
{
    bool near = t->pc - from.pc <= NEAR;
    struct reg got = {.known = NOTHING};

    if (key.at && from.known == ENV) {
        got = (struct reg){.known = GLOBAL, .name = key};
        see(t, USE_READ, &got, (struct text){0});
    } else if (key.at && from.known == GLOBAL && near) {
        got = (struct reg){.known = FIELD, .name = from.name, .field = key};
        see(t, USE_FIELD, &got, (struct text){0});
    } else if (key.at && from.known == FIELD && near) {
        see(t, USE_MEMBER, &from, key);
    }
    learn(t, a, got);
}

/* TO[KEY] := something */
static void trace_set(struct trace *t, const struct reg *to, struct text key)
{
    struct reg what = {.name = key};

    if (key.at && to->known == ENV) {
        see(t, USE_WRITE, &what, (struct text){0});
    } else if (key.at && to->known == GLOBAL) {
        what = (struct reg){.name = to->name, .field = key};
        see(t, USE_SET, &what, (struct text){0});
    } else if (key.at && to->known == FIELD) {
        see(t, USE_PUT, to, key);
    }
}

/* The function called is in R[A], its first argument in the next register. */
static void call(struct trace *t, unsigned a, unsigned b)
{
    const struct reg *f = &t->reg[a];

    if ((f->known == GLOBAL || f->known == FIELD) && b != 1 && a < 255 &&
        t->reg[a + 1].known == LITERAL)
        see(t, USE_TEXT, f, t->reg[a + 1].name);
    trace_forget(t, a);
}

static struct text literal(const struct trace *t, unsigned r)
{
    return t->reg[r].known == LITERAL ? t->reg[r].name : (struct text){0};
}

static struct reg upvalue(const struct trace *t, unsigned b)
{
    return (struct reg){.known = t->f->env[b] ? ENV : NOTHING, .pc = t->pc};
}

/* Whether the instruction writes register A. */
static bool writes(unsigned op)
{
    return !(op == OP_SETUPVAL || (op >= OP_MMBIN && op <= OP_MMBINK) ||
             (op >= OP_CLOSE && op <= OP_TEST) || (op >= OP_RETURN && op <= OP_RETURN1) ||
             op == OP_SETLIST || op == OP_EXTRAARG);
}

static void step(struct trace *t, struct fields i)
{
    const struct reg up = upvalue(t, i.op == OP_SETTABUP ? i.a : i.b);
    const struct text k = constant(t, i.bx);

    switch (i.op) {
    case OP_LOADK:
        learn(t, i.a, (struct reg){.known = k.at ? LITERAL : NOTHING, .name = k});
        break;
    case OP_GETUPVAL:
        learn(t, i.a, up);
        break;
    case OP_GETTABUP:
        trace_get(t, i.a, up, constant(t, i.c));
        break;
    case OP_GETFIELD:
        trace_get(t, i.a, t->reg[i.b], constant(t, i.c));
        break;
    case OP_GETTABLE:
        trace_get(t, i.a, t->reg[i.b], literal(t, i.c));
        break;
    case OP_SETTABUP:
        trace_set(t, &up, constant(t, i.b));
        break;
    case OP_SETFIELD:
        trace_set(t, &t->reg[i.a], constant(t, i.b));
        break;
    case OP_SETTABLE:
        trace_set(t, &t->reg[i.a], literal(t, i.b));
        break;
    case OP_CALL:
    case OP_TAILCALL:
        call(t, i.a, i.b);
        break;
    default:
        if (writes(i.op))
            trace_forget(t, i.a);
    }
}

/* Mark where jumps land. After a forward jump, registers written since it are uncertain; after a
 * backward one (a loop), all are. */
static void mark_jumps(const struct function *f)
{
    for (size_t pc = 0; pc < f->size; pc++) {
        uint32_t i;

        memcpy(&i, f->code + 4 * pc, sizeof i);
        if ((i & 0x7f) != OP_JMP)
            continue;

        int64_t to = (int64_t)pc + 1 + (int64_t)(i >> 7) - JMP_ZERO;
        size_t since = to > (int64_t)pc ? pc + 1 : 1;

        if (to >= 0 && (size_t)to < f->size && (!f->since[to] || since < f->since[to]))
            f->since[to] = since;
    }
}

static void land(struct trace *t, size_t since)
{
    for (unsigned i = 0; i < 256; i++)
        if (t->reg[i].pc + 1 >= since)
            t->reg[i].known = NOTHING;
}

void trace_function(const struct function *f, void (*seen)(void *ud, const struct use *use),
                    void *ud)
{
    struct trace t = {.f = f, .seen = seen, .ud = ud};

    mark_jumps(f);
    for (t.pc = 0; t.pc < f->size; t.pc++) {
        if (f->since[t.pc])
            land(&t, f->since[t.pc]);
        step(&t, trace_decode(f->code + 4 * t.pc));
    }
}
