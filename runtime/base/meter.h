/* The cost of untrusted documents: abstract steps of work and bytes of memory, counted where the
 * work is done, so that a document reaches its limit at the same place on every machine. A JSON
 * value costs a step and the bytes of its kind (runtime/json/text.h). Only counts, never reads a
 * clock; checks for pending signals now and then. */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The budget of one bundle, and of one document of a caller: about a second of CPU time (a step
 * takes some 20 to 50 ns) and, with runbox itself, 64 MiB. A policy may raise both:
 * meter_allow(). */
#define METER_STEPS UINT64_C(12000000)
#define METER_BYTES (UINT64_C(48) << 20)

enum meter_spent {
    METER_GOES_ON,
    METER_STEPS_SPENT,
    METER_BYTES_SPENT,
    METER_STOPPED /* a signal to stop is pending */
};

struct meter {              /* zero-initialised: a full budget */
    uint64_t steps, bytes;  /* used so far */
    uint64_t look;          /* the step count from which meter_check() must be called */
    uint64_t most;          /* temporary maximum of .steps, if lower than the budget; 0: none */
    enum meter_spent spent; /* final: nothing more is granted */
    bool deaf;              /* ignore signals: they do not concern the work counted here */
};

/* Slow paths of the next two: check limits and signals. */
bool meter_check(struct meter *m);
bool meter_full(struct meter *m);

/* Use N more; false if they are not granted. */
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

/* Give back N bytes. */
static inline void meter_give(struct meter *m, uint64_t n)
{
    m->bytes -= n < m->bytes ? n : m->bytes;
}

/* Why M is spent, for a message: "the budget of 12000000 steps ran out". Static storage, valid
 * until the next call. */
const char *meter_why(const struct meter *m);

/* Allow M only N further steps: for a copy, when the work may be retried. */
void meter_spare(struct meter *m, uint64_t n);

/* Raise every budget of this process to at least these values. */
void meter_allow(uint64_t steps, uint64_t bytes);

/* The budget of this process, as meter_allow() may have raised it. */
void meter_allowed(uint64_t *steps, uint64_t *bytes);

/* The bytes in a budget of this process, after asking for more: no longer text can be held. */
uint64_t meter_most(void);

/* Set the function that tells whether a signal to stop this process is pending; NULL: none stops it. */
void meter_signals(bool (*told)(void));

/* Call DO_IT now and then while work is counted, whether that is deaf or not; NULL: nothing. */
void meter_meanwhile(void (*do_it)(void));

/* Call ASK once, before the first budget counts as spent: it may raise the budget. NULL: do not
 * ask. */
void meter_policy(void (*ask)(void));

#endif
