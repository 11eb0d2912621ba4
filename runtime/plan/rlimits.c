/* The 16 resource limits: runbox's own values, some derived from the limits, then tightened by the
 * manifest, never loosened, and never above runbox's own hard limits. */
#include "runtime/plan/parts.h"

#define RLIM_PLAN       UINT64_MAX
#define CPU_TICKS_TIMES 3
#define CPU_TICKS_MORE  5
#define FSIZE_RW        (1ull << 30) /* one file on a rw mount, which a script could else fill */

static const struct {
    const char *text;
    uint64_t dflt;
} own[RLIM__COUNT] = {
#define RLIM(id, text, dflt) {text, dflt},
#include "schemas/rlimits.def"
#undef RLIM
};

/* Below these a box cannot start: one second (0 would act at the kernel's next tick, whenever
 * that is), its wire and its listener, itself, a stack for the 200 nested C calls that Lua
 * allows (LUAI_MAXCCALLS): string.gsub() in itself takes 400 to 448 KiB; one more ends with "C
 * stack overflow". */
static const uint64_t floors[RLIM__COUNT] = {
    [RLIM_CPU] = 1,
    [RLIM_NOFILE] = 3,
    [RLIM_NPROC] = 1,
    [RLIM_STACK] = 1 << 20,
};

static uint64_t file_size(const struct manifest *m)
{
    uint64_t most = m->scratch;

    for (size_t i = 0; i < m->mount_count; i++)
        if (m->mounts[i].rw && most < FSIZE_RW)
            most = FSIZE_RW;
    return m->profile == PROFILE_COMPUTE ? 0 : most;
}

/* In seconds, well above the monitor's own clock, which is exact. The kernel counts RLIMIT_CPU by
 * ticks: a whole tick is charged to the process it interrupts, and beside programs that sleep at
 * every tick a box was charged 5/4 of what it used. */
static uint64_t cpu_backstop(uint64_t ns)
{
    return (ns + 999999999) / 1000000000 * CPU_TICKS_TIMES + CPU_TICKS_MORE;
}

static uint64_t derived(const struct plan *p, const struct manifest *m, enum rlim r)
{
    const struct plan_limit *l = p->limits;

    switch (r) {
    case RLIM_CPU:
        return cpu_backstop(l[LIMIT_CPU_TIME].effective);
    case RLIM_FSIZE:
        return file_size(m);
    case RLIM_DATA:
    case RLIM_RSS:
        return l[LIMIT_MEMORY].effective;
    case RLIM_AS:
        return plan_room(p) + PLAN_AS_SLACK;
    case RLIM_NPROC: /* counted in the box's own user namespace since Linux 5.14 */
        return l[LIMIT_PROCESSES].effective;
    case RLIM_NOFILE:
        return l[LIMIT_OPEN_FILES].effective;
    default:
        return own[r].dflt;
    }
}

/* The limit that R is derived from, as in derived(); LIMIT__COUNT: none. */
static enum limit limit_of(enum rlim r)
{
    switch (r) {
    case RLIM_CPU:
        return LIMIT_CPU_TIME;
    case RLIM_DATA:
    case RLIM_RSS:
    case RLIM_AS:
        return LIMIT_MEMORY;
    case RLIM_NPROC:
        return LIMIT_PROCESSES;
    case RLIM_NOFILE:
        return LIMIT_OPEN_FILES;
    default:
        return LIMIT__COUNT;
    }
}

/* Whether the limit behind R was lowered below the manifest or the default: by -l, a job or a
 * policy's ceiling. */
static bool is_lowered(const struct plan *p, enum rlim r)
{
    enum limit l = limit_of(r);

    return l < LIMIT__COUNT &&
           (p->limits[l].by == ASKER_OPTION || p->limits[l].effective < p->limits[l].asked);
}

static int tighten(const struct plan *p, struct plan_rlimit *got, const struct rlimit_ask *ask,
                   enum rlim r, struct fault *why)
{
    uint64_t most = got->hard;

    if (!ask->set)
        return 0;
    if (ask->soft > ask->hard)
        return fault_set(why, STATUS_INVALID, 0, "manifest.json", "/rlimits/%s: soft is above hard",
                         own[r].text);
    if (ask->hard > most && !is_lowered(p, r))
        return fault_set(why, STATUS_INVALID, 0, "manifest.json",
                         "/rlimits/%s: %llu is looser than runbox's own %llu; a manifest may only "
                         "tighten it",
                         own[r].text, (unsigned long long)ask->hard, (unsigned long long)most);
    *got = (struct plan_rlimit){ask->soft < most ? ask->soft : most,
                                ask->hard < most ? ask->hard : most};
    /* SIGXCPU at the soft limit kills a warm box, but not a cold one, which is init of its
     * namespace: make both limits equal. */
    if (r == RLIM_CPU)
        got->hard = got->soft;
    return 0;
}

static int fault_floor(const struct plan *p, const struct ask *a, enum rlim r, uint64_t value,
                       struct fault *why)
{
    unsigned long long least = floors[r], got = value;

    if (a->manifest->rlimits[r].set && a->manifest->rlimits[r].soft < least)
        return fault_set(why, STATUS_INVALID, 0, "manifest.json",
                         "/rlimits/%s: %llu is too low: a box needs at least %llu", own[r].text,
                         got, least);
    if (r == RLIM_NOFILE && p->limits[LIMIT_OPEN_FILES].by == ASKER_MANIFEST)
        return fault_set(why, STATUS_INVALID, 0, "manifest.json",
                         "/limits/open_files: %llu is too low: a box needs at least %llu", got,
                         least);
    if (r == RLIM_NOFILE && p->limits[LIMIT_OPEN_FILES].by == ASKER_DEFAULT &&
        p->limits[LIMIT_OPEN_FILES].effective < p->limits[LIMIT_OPEN_FILES].asked)
        return fault_set(why, STATUS_SETUP, 0, "policy.json",
                         "/ceilings/open_files: %llu is too low: a box needs at least %llu", got,
                         least);
    return fault_set(why, STATUS_INVALID, 0, "limits",
                     "%s=%llu is too low: a box needs at least %llu",
                     r == RLIM_NOFILE ? "open_files" : own[r].text, got, least);
}

/* The shell's ulimit option for those with a floor; it counts the stack in KiB. */
static char letter_of(enum rlim r)
{
    return r == RLIM_CPU ? 't' : r == RLIM_NOFILE ? 'n' : r == RLIM_NPROC ? 'u' : 's';
}

static int set_one(struct plan *p, const struct ask *a, enum rlim r, struct fault *why)
{
    struct plan_rlimit *got = &p->rlimits[r];
    uint64_t most = a->host->rlimit_hard[r];

    got->soft = got->hard = derived(p, a->manifest, r);
    if (tighten(p, got, &a->manifest->rlimits[r], r, why) < 0)
        return -1;
    if (got->soft < floors[r])
        return fault_floor(p, a, r, got->soft, why);
    p->inherited[r] = got->hard > most;
    if (got->hard > most)
        got->hard = most;
    if (got->soft > most)
        got->soft = most;
    if (got->soft < floors[r])
        return fault_set(
            why, STATUS_SETUP, 0, "rlimits",
            "runbox itself is limited to %s=%llu (ulimit -%c), but a box needs at least %llu",
            own[r].text, (unsigned long long)most, letter_of(r), (unsigned long long)floors[r]);
    return 0;
}

/* If a tighter rlimit acts before its limit would, it becomes the effective limit. */
static void lower(struct plan_limit *l, uint64_t strikes_at)
{
    if (strikes_at < l->effective)
        l->effective = strikes_at;
}

int plan_rlimits(struct plan *p, const struct ask *a, struct fault *why)
{
    uint64_t seconds;

    for (int r = 0; r < RLIM__COUNT; r++)
        if (set_one(p, a, (enum rlim)r, why) < 0)
            return -1;
    seconds = p->rlimits[RLIM_CPU].hard;
    if (seconds < UINT64_MAX / 1000000000)
        lower(&p->limits[LIMIT_CPU_TIME], seconds * 1000000000);
    lower(&p->limits[LIMIT_OPEN_FILES], p->rlimits[RLIM_NOFILE].soft);
    lower(&p->limits[LIMIT_PROCESSES], p->rlimits[RLIM_NPROC].soft);
    return 0;
}
