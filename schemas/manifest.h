/* What a bundle requests, as one struct without behaviour. Untrusted, but checked: every text is
 * valid UTF-8 of bounded length, every value within its type. Const after manifest_load(). */
#ifndef SCHEMAS_MANIFEST_H
#define SCHEMAS_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/meter.h"
#include "schemas/limits.h"
#include "schemas/rlimits.h"

struct json_object;
struct schema;

enum profile { PROFILE_COMPUTE, PROFILE_FILES, PROFILE_NETWORK };
enum network { NETWORK_NONE, NETWORK_LOOPBACK, NETWORK_HOST };

struct names { /* a list of texts, in the manifest's order */
    size_t count;
    char **item;
};

struct pair {
    char *name, *value;
};

struct rlimit_ask {
    bool set;
    uint64_t soft, hard; /* in the rlimit's own unit; UINT64_MAX is unlimited */
};

struct mount_ask {
    char *source; /* absolute host path, or a path inside the bundle */
    char *target; /* absolute path in the box */
    bool inside;  /* source is inside the bundle: needs no grant */
    bool rw;
};

/* A function that a caller may invoke, and what it takes and gives. */
struct export
{
    const char *name;
    struct json_object *description;           /* a text; NULL if absent */
    struct json_object *arg, *result;          /* JSON Schemas; NULL if absent */
    struct schema *arg_schema, *result_schema; /* the same, compiled (schema.h) */
    struct limits limits;                      /* LIMIT_NONE: the manifest's own */
};

struct manifest {
    char *name, *version;
    char *main;       /* path inside the bundle, "main.lua" by default */
    char *entry;      /* "run" by default */
    bool entry_named; /* the manifest named it: its absence is an error */

    struct export own; /* called as .entry: the only one, unless there are .exports */
    size_t export_count;
    struct export *exports; /* NULL if absent */

    struct json_object *options;   /* a JSON Schema; NULL if absent */
    struct schema *options_schema; /* the same, compiled */

    struct names keyring_access, calls, allow, capabilities;
    struct limits asked; /* LIMIT_NONE if not in the manifest */
    struct rlimit_ask rlimits[RLIM__COUNT];
    enum profile profile;
    enum network network;
    char *hostname; /* "box" by default */

    uint64_t scratch; /* bytes; 0: none */
    size_t mount_count;
    struct mount_ask *mounts;

    size_t env_count;
    struct pair *env;
    struct json_object *annotations; /* kept, not interpreted; NULL if absent */

    struct meter meter; /* the cost of reading it; a run continues from a copy */

    struct json_object *root; /* the document, which owns the texts and objects above */
};

void manifest_free(struct manifest *m); /* NULL is fine */

#endif
