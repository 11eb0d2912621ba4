/* Follows the table that a main chunk returns from its constructor on: in its register, and in the
 * upvalues of functions within. While only literal names are set there, and it goes nowhere else, all
 * that it can have as members is named. Anything else leaves that open; nothing is guessed. */
#include "runtime/script/check/members.h"

#include <string.h>

#include "runtime/script/check/bytecode.h"
#include "runtime/script/check/trace.h"

/* What an instruction does with the registers that its operands name (lopcodes.h). What looks at a table,
 * or sets a member of it by a constant, does nothing to it here. */
enum {
    WRITES = 1, /* A */
    READS_A = 2,
    READS_B = 4,
    READS_C = 8,
    CONST_C = 16, /* C is a register unless K says that it is a constant */
    RANGE = 32,   /* reads or writes A and all above, as far as is known */
    FIELD = 64,   /* sets a member of the name in constant B */
};

enum {
    OP_LOADI = 1,
    OP_LOADNIL = 8,
    OP_GETUPVAL,
    OP_SETUPVAL,
    OP_NEWTABLE = 19,
    OP_JMP = 56,
    OP_RETURN = 70,
    OP_RETURN1 = 72,
    OP_SETLIST = 78,
    OP_CLOSURE
};

#define JMP_ZERO 16777215 /* OFFSET_sJ */

static const struct {
    unsigned first, last, does;
} operands[] = {
    {0, 0, WRITES | READS_B},              /* MOVE */
    {1, 7, WRITES},                        /* LOADI ... LOADTRUE */
    {8, 8, RANGE},                         /* LOADNIL */
    {9, 9, WRITES},                        /* GETUPVAL */
    {10, 10, READS_A},                     /* SETUPVAL */
    {11, 11, WRITES},                      /* GETTABUP */
    {12, 12, WRITES | READS_C},            /* GETTABLE */
    {13, 14, WRITES},                      /* GETI, GETFIELD */
    {15, 15, CONST_C | FIELD},             /* SETTABUP: of a table in an upvalue, or a global */
    {16, 16, READS_A | READS_B | CONST_C}, /* SETTABLE: by a name that is computed */
    {17, 17, CONST_C},                     /* SETI */
    {18, 18, CONST_C | FIELD},             /* SETFIELD */
    {19, 19, WRITES},                      /* NEWTABLE */
    {20, 20, RANGE | READS_B | CONST_C},   /* SELF */
    {21, 33, WRITES | READS_B},            /* ADDI ... SHLI */
    {34, 45, WRITES | READS_B | READS_C},  /* ADD ... SHR */
    {46, 46, READS_A | READS_B},           /* MMBIN */
    {47, 48, READS_A},                     /* MMBINI, MMBINK */
    {49, 50, WRITES | READS_B},            /* UNM, BNOT */
    {51, 52, WRITES},                      /* NOT, LEN */
    {53, 53, RANGE},                       /* CONCAT */
    {55, 55, READS_A},                     /* TBC */
    {57, 59, READS_A | READS_B},           /* EQ, LT, LE */
    {61, 65, READS_A},                     /* EQI ... GEI */
    {67, 67, WRITES | READS_B},            /* TESTSET */
    {68, 70, RANGE},                       /* CALL, TAILCALL, RETURN */
    {72, 72, READS_A},                     /* RETURN1 */
    {73, 77, RANGE},                       /* FORLOOP ... TFORLOOP */
    {79, 79, WRITES},                      /* CLOSURE */
    {80, 80, RANGE},                       /* VARARG */
};

struct instruction {
    unsigned op, a, b, c;
    bool k;
    size_t to; /* where JMP goes */
    unsigned does;
};

static struct instruction members_decode(const struct function *f, size_t pc)
{
    struct instruction i;
    uint32_t word;

    memcpy(&word, f->code + 4 * pc, sizeof word);
    i = (struct instruction){.op = word & 0x7f,
                             .a = word >> 7 & 0xff,
                             .b = word >> 16 & 0xff,
                             .c = word >> 24,
                             .k = word >> 15 & 1,
                             .to = pc + 1 + (word >> 7) - JMP_ZERO};
    for (size_t r = 0; r < sizeof operands / sizeof operands[0]; r++)
        if (i.op >= operands[r].first && i.op <= operands[r].last)
            i.does = operands[r].does;
    return i;
}

static bool touches(const struct instruction *i, unsigned reg)
{
    return (i->does & RANGE && i->a <= reg) || (i->does & READS_A && i->a == reg) ||
           (i->does & READS_B && i->b == reg) || (i->does & READS_C && i->c == reg) ||
           (i->does & CONST_C && !i->k && i->c == reg) || (i->op == OP_SETLIST && i->a < reg);
}

/* Whether the table in REG, which the instruction at PC has put there, may get a member by no name in
 * F, or go elsewhere. RETURNED: what F returns is what this is about. */
static bool leaks_from(const struct function *f, size_t pc, unsigned reg, bool returned)
{
    bool jumped = false;

    while (++pc < f->size) {
        struct instruction i = members_decode(f, pc);
        bool returns = i.op == OP_RETURN || i.op == OP_RETURN1;

        jumped |= i.op == OP_JMP;
        if (!(returned && returns) && touches(&i, reg))
            return true;
        if (i.does & WRITES && i.a == reg && !jumped)
            return false; /* by something else */
    }
    return false;
}

/* The same of the table in upvalue U of F. */
static bool upvalue_leaks(const struct function *f, unsigned u)
{
    bool leaks = f->upvalue_leaks[u];

    for (size_t pc = 0; pc < f->size && !leaks; pc++) {
        struct instruction i = members_decode(f, pc);

        leaks = (i.op == OP_SETUPVAL && i.b == u) ||
                (i.op == OP_GETUPVAL && i.b == u && leaks_from(f, pc, i.a, false));
    }
    return leaks;
}

/* Tell the function around F what of its own F does not keep to itself. */
static void members_tell(const struct function *f)
{
    for (unsigned u = 0; u < f->upvalues; u++) {
        const unsigned char *at = f->upvalue + 3 * (size_t)u;

        if (!f->env[u] && upvalue_leaks(f, u))
            (at[0] ? f->around->leaks : f->around->upvalue_leaks)[at[1]] = true;
    }
}

/* Whether a jump from before FROM ends between it and TO. */
static bool jumped_into(const struct function *f, size_t from, size_t to)
{
    for (size_t pc = 0; pc < from; pc++) {
        struct instruction i = members_decode(f, pc);

        if (i.op == OP_JMP && i.to > from && i.to <= to)
            return true;
    }
    return false;
}

/* Whether what REG holds at PC, where it is returned, may have members that are not named in F. */
static bool is_open(const struct function *f, size_t pc, unsigned reg)
{
    struct instruction i = {0};
    size_t at = pc;
    bool found = false;

    while (!found && at > 0) {
        i = members_decode(f, --at);
        found =
            (i.does & WRITES && i.a == reg) || (i.does & RANGE && i.a <= reg && i.op != OP_RETURN);
    }
    if (!found || jumped_into(f, at, pc))
        return true;
    if (i.op == OP_NEWTABLE)
        return f->leaks[reg] || leaks_from(f, at, reg, true);
    return !((i.op >= OP_LOADI && i.op <= OP_LOADNIL) || i.op == OP_CLOSURE);
}

static void look_at_main(const struct function *f, struct members *m)
{
    for (size_t pc = 0; pc < f->size; pc++) {
        struct instruction i = members_decode(f, pc);

        if ((i.op == OP_RETURN && i.b != 1) || i.op == OP_RETURN1)
            m->open = m->open || is_open(f, pc, i.a);
    }
}

static void members_function(void *ud, struct function *f)
{
    struct members *m = ud;

    for (size_t pc = 0; pc < f->size; pc++) {
        struct instruction i = members_decode(f, pc);

        if (i.does & FIELD && i.b < f->constants && f->constant[i.b].at) {
            lua_pushlstring(m->L, f->constant[i.b].at, f->constant[i.b].n);
            lua_pushboolean(m->L, 1);
            lua_rawset(m->L, m->keys);
        }
        m->globals = m->globals || ((i.op == OP_GETUPVAL || i.op == OP_SETUPVAL) && f->env[i.b]);
    }
    if (f->around)
        members_tell(f);
    else
        look_at_main(f, m);
}

int members_look(lua_State *L, struct members *m)
{
    m->L = L;
    return bytecode_functions(L, members_function, m);
}
