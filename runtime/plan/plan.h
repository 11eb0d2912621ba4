/* Everything that will be applied to a box, decided before any of it is applied. plan_make() is
 * pure: no system calls, no clock, no environment; its result has no pointers into the manifest. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/plan/host.h"
#include "schemas/export.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct str;

enum layer {
#define LAYER(id, text) LAYER_##id,
#include "runtime/plan/layers.def"
#undef LAYER
    LAYER__COUNT
};

/* What the policy files say about one bundle: runbox-policy(5). */
struct policy_grants {
    struct names host, user;                    /* grants per file, in the form of struct grants */
    struct limits host_ceilings, user_ceilings; /* LIMIT_NONE: not set */
    bool changed; /* an entry of this name was ignored: it is for another digest */
    bool unbound; /* keys were withheld that entries grant to the name alone */
};

/* What the caller allows: --grant WHAT and -l NAME=VALUE, in the order given. */
struct grants {
    struct names what;         /* "keyring:aws", "limit:memory=4G", ... */
    struct limits override;    /* -l: LIMIT_NONE if not given */
    bool best_effort;          /* --best-effort: a limit that no layer holds is not an error */
    bool named_elsewhere;      /* the command does not name the bundle: only policy grants */
    const struct limits *most; /* NULL, or caps: limits are lowered to these */
    const struct policy_grants *policy; /* NULL: none */
};

/* Where a grant comes from: "option", "host policy", "user policy". */
enum origin { ORIGIN_OPTION, ORIGIN_HOST, ORIGIN_USER };
const char *origin_text(enum origin o);

/* Check that TEXT is a grant of one of the six forms. 0, or -1 and *WHY (INVALID,
 * .where "--grant"). */
int grant_check(const char *text, struct fault *why);

/* Set .override from TEXT, "NAME=VALUE" of -l. 0, or -1 and *WHY (USAGE), which says
 * what is valid. */
int grants_override(struct grants *g, const char *text, struct fault *why);

/* What a bundle has of ALL that the command line does not name, but a job does: what the policies
 * grant; -l only lowers its limits. ALL must outlive it. */
struct grants grants_of_job(const struct grants *all);

/* Let LIMITS (LIMIT_NONE: not set) take the place of G's, as with -l. G's caps apply only to the
 * others; *MOST has room for them, and must outlive G. */
void grants_limits(struct grants *g, const struct limits *limits, struct limits *most);

enum asker { ASKER_DEFAULT, ASKER_MANIFEST, ASKER_OPTION };

struct plan_limit {
    uint64_t asked; /* by manifest or -l; the default if by neither */
    enum asker by;
    uint64_t effective; /* applied (a kernel may round it to a page) */
    enum layer layer;   /* the layer that acts first */
};

struct plan_rlimit {
    uint64_t soft, hard;
};

struct plan_mount {
    char *source, *target; /* inside: a path in the bundle; else an absolute host path */
    bool inside, rw;
};

struct plan {
    char *name, *version, *main, *entry;
    bool entry_named;
    unsigned flags;  /* SETUP_* (schemas/setup.h) that the rest does not imply; 0 for a run */
    char digest[65]; /* SHA-256 of the bundle, hex; "" until the caller sets it */
    char export[EXPORT_NAME_MAX + 1]; /* what it is for; "" unless the caller sets it */

    struct plan_limit limits[LIMIT__COUNT];
    bool group[CONTROLLER__COUNT]; /* make a group below this controller */
    enum hierarchy home[CONTROLLER__COUNT];
    struct plan_rlimit rlimits[RLIM__COUNT];
    bool inherited
        [RLIM__COUNT]; /* lowered to the hard limit that runbox was started with and cannot raise */
    uint64_t arena;    /* bytes for the box's allocator, below limits[MEMORY] */
    enum rlim arena_by; /* the rlimit that lowers it, AS or DATA; else RLIM__COUNT */

    bool own_ids;                      /* outside ids from .uid_base on; else runbox's own */
    uint32_t uid_base;                 /* if .own_ids */
    uint32_t uid_outside, gid_outside; /* if not .own_ids */
    uint32_t uid_inside, gid_inside;   /* never 0 */
    uint64_t capabilities;             /* mask of granted ones, 1 << CAP_X; 0: none */
    int landlock_abi;                  /* 0: none */
    bool no_time_namespace;            /* that of runbox, then; of itself it confines nothing */
    enum unnamed unnamed; /* not UNNAMED_NO: what the filter forbids kills, without a listener */

    enum profile profile;
    struct names allow; /* system calls granted beyond the profile's */
    enum network network;
    char *hostname;
    uint64_t scratch;
    size_t mount_count;
    struct plan_mount *mounts;

    struct names keyring, calls; /* granted namespaces; methods the script may call */
    size_t env_count;
    struct pair *env;

    struct names granted, granted_by; /* asked for and granted; the origin of each */
    struct names missing;             /* asked for, not granted: refused unless empty */
    struct names beyond;   /* above the host policy's ceiling: no option gives them; likewise */
    bool changed, unbound; /* see struct policy_grants */
    bool named_elsewhere;  /* see struct grants: no option gives what is missing */
};

/* Resolve M under G on H. 0 and *PLAN (plan_free() it), or -1 and *WHY: SETUP if no layer of the
 * host can enforce a limit (naming the controller and how to get it), INVALID for an error in the
 * manifest, a grant or an override. Missing grants are not a failure here: see plan_refusal(). */
int plan_make(const struct manifest *m, const struct grants *g, const struct host *h,
              struct plan **plan, struct fault *why);
void plan_free(struct plan *p); /* NULL is fine */

/* Whether M could run on some host, with everything granted that it asks for and no limit changed.
 * 0; or -1 and *WHY: INVALID ("manifest.json" and "POINTER: WHAT", like any manifest error of
 * plan_make()), or SETUP: no memory. */
int plan_check(const struct manifest *m, struct fault *why);

/* 0 if nothing is missing; else -1 and *WHY (REFUSED) with every missing grant and the exact
 * options that would give them. */
int plan_refusal(const struct plan *p, struct fault *why);

/* Why grants of the policy files do not help with what is missing: each reason between BEFORE and AFTER. */
void plan_hints(const struct plan *p, const char *before, const char *after, struct str *out);

/* Append the options that would give what is missing, quoted for a shell, on one line. */
void plan_options(const struct plan *p, struct str *out);

/* Append the plan for people: a table of asked, granted, applied, layer. */
void plan_table(const struct plan *p, struct str *out);

/* Append the plan as pretty-printed JSON, members in a fixed order. 0, or -1: no memory. */
int plan_json(const struct plan *p, struct str *out);

/* "cgroup1", "arena", ... Static. */
const char *layer_text(enum layer layer);

#endif
