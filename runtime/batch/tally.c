/* Counting. Trusts no id, which the jobs' author chose: kept as plain text, and escaped where
 * shown. */
#include "runtime/batch/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/wire/text.h"

int tally_open(struct tally *t, bool recent, struct fault *why)
{
    *t = (struct tally){0};
    if (recent)
        t->recent = calloc(TALLY_RECENT, sizeof *t->recent);
    return recent && !t->recent ? fault_set(why, STATUS_SETUP, ENOMEM, "--html",
                                            "allocating the table of recent runs")
                                : 0;
}

void tally_close(struct tally *t)
{
    free(t->recent);
    t->recent = NULL;
}

static void count(struct histogram *h, uint64_t value)
{
    unsigned bucket = value ? 63 - (unsigned)__builtin_clzll(value) : 0;

    h->count[bucket < TALLY_BUCKETS ? bucket : TALLY_BUCKETS - 1]++;
    h->total += value;
    h->max = value > h->max ? value : h->max;
}

/* Copy a JSON text without its quotes and escapes, cut between characters. */
static void plain_id(const char *id, char *to)
{
    static const char more[] = "\xe2\x80\xa6"; /* U+2026 */
    size_t n = strlen(id), room = TALLY_ID - sizeof more;
    autostr struct str plain = {0};
    bool whole;

    *to = '\0';
    if (*id == '"')
        text_c_plain(&plain, (struct span){id + 1, n - 2});
    else
        str_add(&plain, id, n);
    if (plain.failed)
        return;
    n = plain.len;
    whole = n < TALLY_ID;
    if (!whole)
        n = text_whole(plain.data, room);
    memcpy(to, plain.data, n);
    memcpy(to + n, whole ? "" : more, whole ? 1 : sizeof more);
}

static void keep_slow(struct tally *t, const struct tally_run *run)
{
    uint64_t took = run->ended - run->begun;
    unsigned at = t->slow;

    while (at > 0 && t->slowest[at - 1].ended - t->slowest[at - 1].begun < took)
        at--;
    if (at == TALLY_SLOWEST)
        return;
    t->slow += t->slow < TALLY_SLOWEST;
    memmove(&t->slowest[at + 1], &t->slowest[at], (t->slow - at - 1) * sizeof *run);
    t->slowest[at] = *run;
}

void tally_add(struct tally *t, const struct report *r, const char *id, const struct tally_run *at)
{
    struct tally_run run;

    t->status[r->status]++;
    t->done++;
    if (!at)
        return;
    if (r->memory_peak_source != PEAK_UNKNOWN)
        count(&t->memory, r->memory_peak);
    t->by_process += r->memory_peak_source == PEAK_PROCESS;
    count(&t->cpu, (r->cpu_user_ns + r->cpu_system_ns) / 1000);
    count(&t->wall, r->wall_ns / 1000);
    if (!t->recent)
        return;
    run = *at;
    run.status = r->status;
    plain_id(id ? id : "", run.id);
    t->recent[t->runs++ % TALLY_RECENT] = run;
    keep_slow(t, &run);
}

uint64_t tally_failed(const struct tally *t)
{
    return t->done - t->status[STATUS_OK];
}

uint64_t tally_recent_count(const struct tally *t)
{
    return t->runs < TALLY_RECENT ? t->runs : TALLY_RECENT;
}

const struct tally_run *tally_recent(const struct tally *t, uint64_t i)
{
    return &t->recent[(t->runs - tally_recent_count(t) + i) % TALLY_RECENT];
}
