/* Internal to match.c and machine.c: one match under way. */
#ifndef JSON_SCHEMA_MACHINE_H
#define JSON_SCHEMA_MACHINE_H

#include "runtime/json/schema/pattern.h"
#include "runtime/json/schema/run.h"

#define NONE UINT32_MAX

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

/* match.c: pay for what was done, and for what comes next. False: gone. */
bool match_refuel(struct matching *m);

/* match.c: room for one more frame. */
bool match_grow(struct matching *m);

/* Bytes of what is remembered of one choice: a bit for each position. */
static inline size_t seen_row(const struct matching *m)
{
    return (size_t)m->n / 8 + 1;
}

/* The beginning of the character behind the one at AT. The text is UTF-8: json_check() saw it. */
static inline uint32_t char_after(const struct matching *m, uint32_t at)
{
    do
        at++;
    while (at < m->n && ((unsigned char)m->text[at] & 0xC0) == 0x80);
    return at;
}

/* Whether what begins at PC may match at .pos: what its first character says. */
bool machine_may_begin(const struct matching *m, uint32_t pc);

/* Run, from .pc and .pos, until there is a match, which is true, or no choice is left, or it is gone. */
bool machine_run(struct matching *m);

#endif
