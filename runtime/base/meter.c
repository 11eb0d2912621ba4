/* The slow paths of the meter. Trusts its callers to count work before they do it. The process's
 * budget and its callbacks are set by main.c, cmd/, state/ and monitor/; there are no threads. */
#include "runtime/base/meter.h"

#include <inttypes.h>
#include <stdio.h>

#define LOOK_EVERY 32768 /* steps, about a millisecond */

static struct {
    uint64_t steps, bytes;
    bool (*told)(void);
    void (*meanwhile)(void);
    void (*ask)(void);
} budget = {.steps = METER_STEPS, .bytes = METER_BYTES};

void meter_allow(uint64_t steps, uint64_t bytes)
{
    if (steps > budget.steps)
        budget.steps = steps;
    if (bytes > budget.bytes)
        budget.bytes = bytes;
}

void meter_allowed(uint64_t *steps, uint64_t *bytes)
{
    *steps = budget.steps;
    *bytes = budget.bytes;
}

void meter_signals(bool (*told)(void))
{
    budget.told = told;
}

void meter_meanwhile(void (*do_it)(void))
{
    budget.meanwhile = do_it;
}

void meter_policy(void (*ask)(void))
{
    budget.ask = ask;
}

/* Whether N exceeds *LIMIT even after asking, once, for a larger budget. */
static bool is_over(uint64_t n, const uint64_t *limit)
{
    void (*ask)(void) = budget.ask;

    if (n <= *limit)
        return false;
    budget.ask = NULL;
    if (ask)
        ask();
    return n > *limit;
}

uint64_t meter_most(void)
{
    is_over(UINT64_MAX, &budget.bytes);
    return budget.bytes;
}

static bool meter_end(struct meter *m, enum meter_spent why)
{
    m->spent = why;
    m->look = 0;
    return false;
}

bool meter_check(struct meter *m)
{
    if (m->spent)
        return false;
    if ((m->most && m->steps > m->most) || is_over(m->steps, &budget.steps))
        return meter_end(m, METER_STEPS_SPENT);
    if (budget.meanwhile)
        budget.meanwhile();
    if (!m->deaf && budget.told && budget.told())
        return meter_end(m, METER_STOPPED);
    m->look = m->steps + LOOK_EVERY;
    if (m->look > budget.steps)
        m->look = budget.steps + 1;
    if (m->most && m->look > m->most)
        m->look = m->most + 1;
    return true;
}

void meter_spare(struct meter *m, uint64_t n)
{
    m->most = m->steps + n;
    m->look = 0;
}

bool meter_full(struct meter *m)
{
    if (m->spent)
        return false;
    return !is_over(m->bytes, &budget.bytes) || meter_end(m, METER_BYTES_SPENT);
}

const char *meter_why(const struct meter *m)
{
    static char text[96];

    if (m->spent == METER_STOPPED)
        return "it was told to stop";
    if (m->spent == METER_BYTES_SPENT)
        snprintf(text, sizeof text, "the budget of %" PRIu64 " MiB of memory ran out",
                 budget.bytes >> 20);
    else
        snprintf(text, sizeof text, "the budget of %" PRIu64 " steps ran out", budget.steps);
    return text;
}
