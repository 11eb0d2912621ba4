/* What untrusted documents may cost: abstract steps of work and bytes of memory, counted where the work is done,
 * so that the same document ends at the same place on every machine. A JSON value is a step, and as many bytes as its
 * kind takes (runtime/json/json.h). Counts, never asks a clock; looks at pending signals now and then. */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The budget of one bundle, and of one document of a caller: about a second of processor time (a step is some 20
 * to 50 ns) and, with runbox itself, 64 MiB. A policy may raise both: meter_allow(). */
#define METER_STEPS UINT64_C(12000000)
#define METER_BYTES (UINT64_C(48) << 20)

enum meter_spent {
    METER_GOES_ON,
    METER_STEPS_SPENT,
    METER_BYTES_SPENT,
    METER_STOPPED /* a signal came */
};

struct meter {             /* zero-initialised is a whole budget */
    uint64_t steps, bytes; /* used so far */
    uint64_t look;         /* the count of steps at which meter_check() has something to look at */
    uint64_t most;         /* steps that it may come to for now, where that is less; 0: it is not */
    enum meter_spent spent; /* for good: nothing is granted any more */
    bool deaf;              /* to signals: they are not meant for what is counted here */
};

/* Behind the next two: limits and signals. */
bool meter_check(struct meter *m);
bool meter_full(struct meter *m);

/* N more are used: false where they are not granted. */
static inline bool meter_steps(struct meter *m, uint64_t n)
{
    m->steps += n;
    return m->steps < m->look || meter_check(m);
}

static inline bool meter_bytes(struct meter *m, uint64_t n)
{
    m->bytes += n;
    return m->bytes <= METER_BYTES ? !m->spent : meter_full(m);
}

/* N bytes are free again. */
static inline void meter_give(struct meter *m, uint64_t n)
{
    m->bytes -= n < m->bytes ? n : m->bytes;
}

/* Why M gives no more, for a message: "the budget of 12000000 steps ran out". Static storage, until the next. */
const char *meter_why(const struct meter *m);

/* M may use no more than N further steps: a copy, of what may be tried again. */
void meter_spare(struct meter *m, uint64_t n);

/* Every budget of this process is at least this from now on. */
void meter_allow(uint64_t steps, uint64_t bytes);

/* What every budget of this process is at least. */
void meter_allowed(uint64_t *steps, uint64_t *bytes);

/* The bytes of a budget of this process, when whoever knows a larger one was asked: no text of more can be held. */
uint64_t meter_most(void);

/* Of this process: TOLD says that a signal to stop is pending. */
void meter_signals(bool (*told)(void));

/* ASK is called once, before the first budget is given as spent, for it may know of a larger one; NULL: nobody. */
void meter_policy(void (*ask)(void));

#endif
