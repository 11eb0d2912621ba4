/* Limits: what is asked for, what the ceiling and the grants allow of it, and which layer of this
 * host enforces it. A limit that no layer enforces is an error that names what is missing, never
 * a silent pass; but a default that nobody asked for is let go, and the plan says so. */
#include <stdio.h>

#include "runtime/plan/dump.h"
#include "runtime/plan/parts.h"
#include "schemas/setup.h"

static uint64_t wanted(const struct ask *a, enum limit l, enum asker *by)
{
    *by = ASKER_OPTION;
    if (a->grants->override.value[l] != LIMIT_NONE)
        return a->grants->override.value[l];
    *by = ASKER_MANIFEST;
    if (a->manifest->asked.value[l] != LIMIT_NONE)
        return a->manifest->asked.value[l];
    *by = ASKER_DEFAULT;
    return limit_info[l].dflt;
}

static uint64_t asked(const struct ask *a, enum limit l, enum asker *by)
{
    uint64_t value = wanted(a, l, by),
             most = a->grants->most ? a->grants->most->value[l] : LIMIT_NONE;

    if (value <= most)
        return value;
    *by = ASKER_OPTION;
    return most;
}

static uint64_t host_cpus(const struct host *h)
{
    return (h->cpus ? h->cpus : 1) * 1000ull;
}

/* The limit allowed without a grant; *MOST: the host policy's ceiling, above any option. */
static uint64_t ceiling_of(const struct ask *a, enum limit l, uint64_t *most)
{
    const struct policy_grants *policy = a->grants->policy;
    uint64_t ceiling = limit_info[l].ceiling;

    *most = policy ? policy->host_ceilings.value[l] : LIMIT_NONE;
    if (ceiling == LIMIT_HOST)
        ceiling = host_cpus(a->host);
    if (*most != LIMIT_NONE)
        ceiling = *most;
    if (policy && policy->user_ceilings.value[l] != LIMIT_NONE)
        ceiling = policy->user_ceilings.value[l];
    return ceiling < *most ? ceiling : *most;
}

/* Note that more than MOST was asked for; kept apart, since no option would help. */
static int note_beyond(struct plan *p, enum limit l, const char *asked_for, uint64_t most,
                       struct fault *why)
{
    char value[32], text[160];

    limit_print(l, most, value, sizeof value);
    snprintf(text, sizeof text, "%s (the ceiling is %s)", asked_for, value);
    return names_add(&p->beyond, text) < 0 ? plan_no_memory(why) : 0;
}

/* Apply limit L up to the ceiling or the largest grant; the rest is missing. A default, which was
 * not asked for, is lowered to the ceiling. */
static int bound(struct plan *p, const struct ask *a, enum limit l, struct fault *why)
{
    struct plan_limit *got = &p->limits[l];
    uint64_t most, ceiling = ceiling_of(a, l, &most), given;
    char value[32], text[96];
    int by;

    got->asked = got->effective = asked(a, l, &got->by);
    if (got->asked <= ceiling)
        return 0;
    if (got->by == ASKER_DEFAULT) {
        got->effective = ceiling;
        return 0;
    }
    given = grants_limit(a->grants, l, most, &by);
    if (got->asked > given)
        got->effective = given > ceiling ? given : ceiling;
    limit_print(l, got->asked, value, sizeof value);
    snprintf(text, sizeof text, "%s=%s", limit_info[l].text, value);
    if (got->asked > given && got->asked > most)
        return note_beyond(p, l, text, most, why);
    return grants_note(p, "limit", text, got->asked <= given ? by : -1, why);
}

static enum layer cgroup_layer(const struct host *h, enum controller c)
{
    switch (h->controllers[c]) {
    case HIERARCHY_V1:
        return LAYER_CGROUP1;
    case HIERARCHY_V2:
        return LAYER_CGROUP2;
    case HIERARCHY_NONE:
        break;
    }
    return LAYER_NONE;
}

/* Enforce limit L by a group of controller C. LAYER_NONE if runbox can make none on this host. */
static enum layer by_group(struct plan *p, const struct host *h, enum limit l, enum controller c)
{
    p->limits[l].layer = h->lacks[l] ? LAYER_NONE : cgroup_layer(h, c);
    if (p->limits[l].layer != LAYER_NONE) {
        p->group[c] = true;
        p->home[c] = h->controllers[c];
    }
    return p->limits[l].layer;
}

static int fault_layer(const struct plan *p, const struct host *h, enum limit l, enum controller c,
                       const char *way_round, struct fault *why)
{
    char value[32];

    limit_print(l, p->limits[l].effective, value, sizeof value);
    if (h->lacks[l] && h->controllers[c] != HIERARCHY_NONE)
        return fault_set(why, STATUS_SETUP, 0, "limits",
                         "%s=%s needs the cgroup file \"%s\", which this host does not have: %s%s",
                         limit_info[l].text, value, limit_file[l].name[h->controllers[c]],
                         limit_file[l].cure, way_round);
    if (h->parent_named)
        return fault_set(why, STATUS_SETUP, 0, "limits",
                         "%s=%s needs the cgroup controller \"%s\", which the given parent group "
                         "cannot provide: %s%s",
                         limit_info[l].text, value, controller_text(c, HIERARCHY_V2), h->missing[c],
                         way_round);
    if (h->missing[c][0])
        return fault_set(why, STATUS_SETUP, 0, "limits",
                         "%s=%s needs the cgroup controller \"%s\", which runbox cannot use on "
                         "this host (%s)%s",
                         limit_info[l].text, value, controller_text(c, HIERARCHY_V2), h->missing[c],
                         way_round);
    return fault_set(why, STATUS_SETUP, 0, "limits",
                     "%s=%s needs the cgroup controller \"%s\", which runbox cannot use on this "
                     "host: %s%s",
                     limit_info[l].text, value, controller_text(c, HIERARCHY_V2),
                     h->root ? "see runbox doctor"
                             : "run it as root, or below a delegated cgroup (systemd-run --user "
                               "--scope -p Delegate=yes)",
                     way_round);
}

/* A default that neither a manifest, an option nor a policy has asked for. */
static bool is_mere_default(const struct plan *p, const struct ask *a, enum limit l)
{
    const struct policy_grants *policy = a->grants->policy;
    const struct limits *most = a->grants->most;

    return p->limits[l].by == ASKER_DEFAULT && (!most || most->value[l] == LIMIT_NONE) &&
           (!policy || (policy->host_ceilings.value[l] == LIMIT_NONE &&
                        policy->user_ceilings.value[l] == LIMIT_NONE));
}

/* Report a limit that no layer holds as such, with --best-effort, or where it is but a default; otherwise
 * it is the fault *WHY. */
static int unheld(struct plan *p, const struct ask *a, enum limit l, struct fault *why)
{
    if (!a->grants->best_effort && !is_mere_default(p, a, l))
        return -1;
    *why = (struct fault){0};
    p->limits[l].layer = LAYER_NONE;
    p->limits[l].effective = LIMIT_NONE;
    return 0;
}

/* Without swap on the host a box cannot swap. */
static int hold_swap(struct plan *p, const struct ask *a, struct fault *why)
{
    const struct host *h = a->host;
    struct plan_limit *swap = &p->limits[LIMIT_SWAP];

    if (!h->swap) {
        swap->layer = LAYER_HOST;
        return 0;
    }
    if (by_group(p, h, LIMIT_SWAP, CONTROLLER_MEMORY) != LAYER_NONE)
        return 0;
    fault_layer(p, h, LIMIT_SWAP, CONTROLLER_MEMORY, "", why);
    return unheld(p, a, LIMIT_SWAP, why);
}

/* A box is one process with one thread (never.def bans fork and clone): at most one CPU. */
static int hold_cpus(struct plan *p, const struct ask *a, struct fault *why)
{
    const struct host *h = a->host;
    struct plan_limit *cpus = &p->limits[LIMIT_CPUS];
    bool one = p->limits[LIMIT_PROCESSES].effective == 1 && cpus->effective >= 1000;

    if (one || cpus->effective >= host_cpus(h)) {
        cpus->layer = LAYER_HOST;
        return 0;
    }
    if (by_group(p, h, LIMIT_CPUS, CONTROLLER_CPU) != LAYER_NONE)
        return 0;
    fault_layer(p, h, LIMIT_CPUS, CONTROLLER_CPU, "; cpus=1 with processes=1 needs none", why);
    return unheld(p, a, LIMIT_CPUS, why);
}

/* A box reaches block devices only through its outside mounts, and writes only through those that
 * are "rw". v1 charges a buffered write to no group: the kernel's writeback does it later. */
static int hold_io(struct plan *p, const struct ask *a, enum limit l, struct fault *why)
{
    const struct manifest *m = a->manifest;
    bool outside = false;

    if (p->limits[l].effective == LIMIT_NONE)
        return 0;
    for (size_t i = 0; i < m->mount_count; i++)
        outside = outside || (!m->mounts[i].inside && (m->mounts[i].rw || l == LIMIT_IO_READ));
    if (!outside) {
        p->limits[l].layer = LAYER_HOST;
        return 0;
    }
    if (l == LIMIT_IO_WRITE && a->host->controllers[CONTROLLER_IO] == HIERARCHY_V1) {
        fault_set(why, STATUS_SETUP, 0, "limits",
                  "io_write needs cgroup v2: the v1 controller on this host cannot throttle "
                  "buffered writes (mount \"ro\", or drop the limit)");
        return unheld(p, a, l, why);
    }
    if (by_group(p, a->host, l, CONTROLLER_IO) != LAYER_NONE)
        return 0;
    fault_layer(p, a->host, l, CONTROLLER_IO, "", why);
    return unheld(p, a, l, why);
}

static int hold(struct plan *p, const struct ask *a, struct fault *why)
{
    const struct host *h = a->host;
    struct plan_limit *l = p->limits;

    /* Without a group the arena is backed by RLIMIT_AS and RLIMIT_DATA: native code
     * cannot exceed them. */
    if (by_group(p, h, LIMIT_MEMORY, CONTROLLER_MEMORY) == LAYER_NONE)
        l[LIMIT_MEMORY].layer = LAYER_ARENA;
    if (by_group(p, h, LIMIT_PROCESSES, CONTROLLER_PIDS) == LAYER_NONE)
        l[LIMIT_PROCESSES].layer = LAYER_RLIMIT;
    l[LIMIT_CPU_TIME].layer = LAYER_TIMER;
    l[LIMIT_WALL_TIME].layer = LAYER_TIMER;
    l[LIMIT_OPEN_FILES].layer = LAYER_RLIMIT;
    l[LIMIT_OUTPUT].layer = LAYER_MONITOR;
    l[LIMIT_ARTIFACTS].layer = LAYER_MONITOR;
    l[LIMIT_INSTRUCTIONS].layer =
        l[LIMIT_INSTRUCTIONS].effective == LIMIT_NONE ? LAYER_NONE : LAYER_BOX;
    if (hold_cpus(p, a, why) < 0 || hold_swap(p, a, why) < 0 ||
        hold_io(p, a, LIMIT_IO_READ, why) < 0)
        return -1;
    return hold_io(p, a, LIMIT_IO_WRITE, why);
}

int plan_limits(struct plan *p, const struct ask *a, struct fault *why)
{
    for (int l = 0; l < LIMIT__COUNT; l++)
        if (bound(p, a, (enum limit)l, why) < 0)
            return -1;
    return hold(p, a, why);
}

/* The least is rounded up to 64K, for people. The fault of the party that asked for it; of the host
 * if its policy lowered it. */
static int fault_memory(const struct plan *p, struct fault *why)
{
    uint64_t least = (PLAN_BOX_OVERHEAD + p->scratch + PLAN_ARENA_MIN) / (PLAN_PAGE_TABLES - 1) *
                     PLAN_PAGE_TABLES;
    const struct plan_limit *memory = &p->limits[LIMIT_MEMORY];
    char value[32], enough[32];

    least = (least + PLAN_PAGE_TABLES + 0xffff) & ~0xffffull;
    limit_print(LIMIT_MEMORY, memory->effective, value, sizeof value);
    limit_print(LIMIT_MEMORY, least > PLAN_MEMORY_MIN ? least : PLAN_MEMORY_MIN, enough,
                sizeof enough);
    if (memory->effective < memory->asked && memory->by != ASKER_DEFAULT)
        return plan_refusal(p, why);
    if (memory->effective < memory->asked)
        return fault_set(why, STATUS_SETUP, 0, "policy.json",
                         "/ceilings/memory: %s is too small: the minimum is %s%s", value, enough,
                         p->scratch ? ", scratch included" : "");
    if (memory->by == ASKER_OPTION)
        return fault_set(why, STATUS_INVALID, 0, "limits",
                         "memory=%s is too small: the minimum is %s%s", value, enough,
                         p->scratch ? ", scratch included" : "");
    return fault_set(
        why, STATUS_INVALID, 0, "manifest.json",
        memory->by == ASKER_MANIFEST
            ? "/limits/memory: %s is too small: the minimum is %s%s"
            : "/filesystem/scratch: too large for memory=%s: the minimum is memory=%s%s",
        value, enough, p->scratch ? ", scratch included" : "");
}

/* The smaller of ROOM and what rlimit R leaves beside OUTSIDE bytes. */
static uint64_t within(struct plan *p, enum rlim r, uint64_t outside, uint64_t room)
{
    uint64_t cap = p->rlimits[r].soft;

    if (cap == UINT64_MAX)
        return room;
    cap = cap > outside ? cap - outside : 0;
    if (cap >= room)
        return room;
    p->arena_by = r;
    return cap;
}

/* Scratch files count as memory, as in a cgroup, even without one. */
uint64_t plan_room(const struct plan *p)
{
    uint64_t memory = p->limits[LIMIT_MEMORY].effective;
    uint64_t outside = PLAN_BOX_OVERHEAD + memory / PLAN_PAGE_TABLES + p->scratch;

    return memory > outside ? memory - outside : 0;
}

int plan_arena(struct plan *p, const struct ask *a, struct fault *why)
{
    const struct rlimit_ask *asked_for = a->manifest->rlimits;
    uint64_t room = plan_room(p);

    if (room < PLAN_ARENA_MIN || p->limits[LIMIT_MEMORY].effective < PLAN_MEMORY_MIN)
        return fault_memory(p, why);
    room = room < PLAN_ARENA_MAX ? room : PLAN_ARENA_MAX;
    p->arena_by = RLIM__COUNT;
    room = within(p, RLIM_AS, PLAN_AS_SLACK, room);
    room = within(p, RLIM_DATA, PLAN_BOX_OVERHEAD, room);
    p->arena = room / ARENA_PAGE * ARENA_PAGE;
    if (p->arena >= PLAN_ARENA_MIN)
        return 0;
    if ((asked_for[RLIM_AS].set && asked_for[RLIM_AS].soft < PLAN_AS_SLACK + PLAN_ARENA_MIN) ||
        (asked_for[RLIM_DATA].set &&
         asked_for[RLIM_DATA].soft < PLAN_BOX_OVERHEAD + PLAN_ARENA_MIN))
        return fault_set(why, STATUS_INVALID, 0, "manifest.json",
                         "/rlimits: no room for Lua: \"as\" must be %llu or more, \"data\" %llu",
                         PLAN_AS_SLACK + PLAN_ARENA_MIN, PLAN_BOX_OVERHEAD + PLAN_ARENA_MIN);
    return fault_set(why, STATUS_SETUP, 0, "rlimits",
                     "the \"ulimit -%c\" that runbox was started with, %llu bytes, leaves no room "
                     "for Lua: raise it to at least %llu",
                     p->arena_by == RLIM_AS ? 'v' : 'd',
                     (unsigned long long)p->rlimits[p->arena_by].soft,
                     (p->arena_by == RLIM_AS ? PLAN_AS_SLACK : PLAN_BOX_OVERHEAD) + PLAN_ARENA_MIN);
}
