/* Everything that will be applied to a box, resolved before anything is applied. plan_make() is
 * pure: no system calls, no clock, no environment; its result has no pointers into the manifest. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/plan/host.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct str;

enum layer {
#define LAYER(id, text) LAYER_##id,
#include "runtime/plan/layers.def"
#undef LAYER
    LAYER__COUNT
};

/* What the policy files say of one bundle: runbox-policy(5). */
struct policy_grants {
    struct names host, user; /* of each file, for this bundle: as struct grants has them */
    struct limits host_ceilings, user_ceilings; /* LIMIT_NONE where not set */
    bool changed; /* an entry of this name was left out: it is for another digest */
    bool unbound; /* keys were left out that entries give to the name alone */
};

/* What the caller allows: --grant WHAT and -l NAME=VALUE, in the order given. */
struct grants {
    struct names what;      /* "keyring:aws", "limit:memory=4G", ... */
    struct limits override; /* -l: LIMIT_NONE where not given */
    bool best_effort;       /* --best-effort: a limit that no layer holds is no fault */
    bool
        named_elsewhere; /* not by the command, whose grants are therefore not here: policy alone grants */
    const struct limits *most;          /* NULL, or what a limit is lowered to and never raised */
    const struct policy_grants *policy; /* NULL: none */
};

/* Where a grant comes from: "option", "host policy", "user policy". */
enum origin { ORIGIN_OPTION, ORIGIN_HOST, ORIGIN_USER };
const char *origin_text(enum origin o);

/* TEXT is a grant of one of the six forms. 0, or -1 and *WHY (INVALID, where "--grant"). */
int grant_check(const char *text, struct fault *why);

/* Set .override from TEXT, "NAME=VALUE" of -l. 0, or -1 and *WHY (USAGE) saying what would be
 * right. */
int grants_override(struct grants *g, const char *text, struct fault *why);

enum asker { ASKER_DEFAULT, ASKER_MANIFEST, ASKER_OPTION };

struct plan_limit {
    uint64_t asked; /* by manifest or -l; the default where both are silent */
    enum asker by;
    uint64_t effective; /* what is applied (a kernel may round it to a page) */
    enum layer layer;   /* the layer that strikes first */
};

struct plan_rlimit {
    uint64_t soft, hard;
};

struct plan_mount {
    char *source, *target; /* inside: a path inside the bundle; else an absolute host path */
    bool inside, rw;
};

struct plan {
    char *name, *version, *main, *entry;
    bool entry_named;
    unsigned flags; /* SETUP_* (schemas/setup.h) that do not follow from the rest; of a run, none */
    char digest[65]; /* SHA-256 of the bundle, hex; "" until the caller sets it */

    struct plan_limit limits[LIMIT__COUNT];
    bool group[CONTROLLER__COUNT]; /* a group is made below this controller */
    enum hierarchy home[CONTROLLER__COUNT];
    struct plan_rlimit rlimits[RLIM__COUNT];
    bool inherited
        [RLIM__COUNT]; /* ... lowered to what runbox itself was started with, and may not raise */
    uint64_t arena;    /* bytes for the box's allocator, below limits[MEMORY] */
    enum rlim
        arena_by; /* AS or DATA, which leaves it less than that limit does; else RLIM__COUNT */

    bool own_ids;                      /* ids outside are of .uid_base on; else the monitor's own */
    uint32_t uid_base;                 /* where .own_ids */
    uint32_t uid_outside, gid_outside; /* where not .own_ids */
    uint32_t uid_inside, gid_inside;   /* never 0 */
    uint64_t capabilities;             /* mask of those granted, 1 << CAP_X; 0: none */
    int landlock_abi;

    enum profile profile;
    struct names allow; /* granted system calls beyond the profile's */
    enum network network;
    char *hostname;
    uint64_t scratch;
    size_t mount_count;
    struct plan_mount *mounts;

    struct names keyring, calls; /* namespaces granted; methods the script may call */
    size_t env_count;
    struct pair *env;

    struct names granted, granted_by; /* grants that are asked for and given; each one's origin */
    struct names
        missing; /* grants that are asked for and not given: the run is refused unless empty */
    struct names
        beyond; /* limits above the host's ceiling: no option gives them; refused likewise */
    bool changed, unbound; /* see struct policy_grants */
    bool named_elsewhere;  /* see struct grants: no option gives what is missing */
};

/* Resolve M under G on H. 0 and *PLAN (plan_free() it), or -1 and *WHY: SETUP where the host cannot
 * enforce a limit by any layer (naming the controller and how to get it), INVALID for a grant or
 * override that is malformed. Missing grants are no failure here: see plan_refusal(). */
int plan_make(const struct manifest *m, const struct grants *g, const struct host *h,
              struct plan **plan, struct fault *why);
void plan_free(struct plan *p); /* NULL is fine */

/* Could M run on some host, with all that it asks for granted and no limit changed? 0; or -1 and *WHY, INVALID ("manifest.json"
 * and "POINTER: WHAT", as all that plan_make() finds wrong in a manifest), or SETUP for want of memory. */
int plan_check(const struct manifest *m, struct fault *why);

/* 0 where nothing is missing; else -1 and *WHY (REFUSED) with every missing grant and the exact
 * options that would give them. */
int plan_refusal(const struct plan *p, struct fault *why);

/* The options that would give what is missing, quoted for a shell, on one line. */
void plan_options(const struct plan *p, struct str *out);

/* The plan for people: a table of asked, granted, applied, layer. */
void plan_table(const struct plan *p, struct str *out);

/* The plan as one JSON object (pretty-printed, members in a fixed order). */
int plan_json(const struct plan *p, struct str *out);

/* "cgroup1", "arena", ... Static. */
const char *layer_text(enum layer layer);

#endif
