/* Internal to pattern.c, program.c, match.c and machine.c: a compiled pattern, a program for a machine
 * that backtracks (machine.c). */
#ifndef JSON_SCHEMA_PATTERN_H
#define JSON_SCHEMA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/json/schema/regex.h"

enum op_code {
    OP_CHAR,  /* a: the code point */
    OP_SET,   /* a: number of the set */
    OP_RUN,   /* a to b times the next operation, a char or a set */
    OP_START, /* ^ */
    OP_END,   /* $ */
    OP_EDGE,  /* \b; OP_NOT: \B */
    OP_JUMP,  /* to a */
    OP_SPLIT, /* go on, or else from a; OP_LAZY: from a, or else go on */
    OP_MARK,  /* an iteration begins: register a is where */
    OP_PLUS,  /* it ends: another at b, unless it was empty, or else go on; OP_LAZY: the reverse */
    OP_COUNT, /* register a counts iterations, from 0 */
    OP_LOOP,  /* another, of c to d, or else from b; OP_LAZY: the reverse */
    OP_AGAIN, /* an iteration of the loop at b ends */
    OP_OPEN,  /* group a begins, where it is met first */
    OP_CLOSE, /* and ends */
    OP_RESET, /* groups a to b - 1 have not matched */
    OP_BACKREF, /* the text of group a */
    OP_LOOK, /* what follows is only looked at, with memos b + 1 to c; OP_NOT: must not match, then from a */
    OP_LOOKED, /* its end */
    OP_MATCH
};

enum { OP_LAZY = 1, OP_NOT = 2, OP_BACK = 4 /* towards the text's begin */ };

struct op {
    uint8_t code, flags;
    uint16_t memo; /* 0, or its number: what follows depends on the position alone */
    uint32_t a, b, c, d;
};

/* Of each group: where it begins, ends, and was entered. */
#define GROUP_REGISTERS 3

struct pattern {
    struct scratch *scratch; /* whose memory this is; outlives it */
    struct op *op;
    size_t ops, op_cap;
    struct set *set;
    size_t sets, set_cap;
    uint32_t groups; /* whose text is needed: those of patterns with backreferences */
    uint32_t registers, memos;
    bool anchored; /* matches only at the beginning of the subject */
};

/* program.c: RE, parsed, as a program; takes its sets. False if there is no memory, or no budget. */
bool program_make(struct pattern *p, struct regex *re);

#endif
