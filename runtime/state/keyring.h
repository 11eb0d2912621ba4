/* Keys that a person keeps for scripts: entries {namespace, access_key, secret_key}, called
 * NAMESPACE:ACCESS_KEY. Three stores hold them; each yields an array like that of --keyring. */
#ifndef STATE_KEYRING_H
#define STATE_KEYRING_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct json_object;

#define KEYRING_FILE        "keyring.json"
#define KEYRING_NAME_MAX    256   /* bytes of a namespace, and of an access key */
#define KEYRING_SECRET_MAX  32767 /* the most that a kernel key of type "user" holds: keyrings(7) */
#define KEYRING_CREDENTIALS "runbox.keyring" /* files of that name, or that and ".ANYTHING" */

enum store {
    STORE_FILE,        /* keyring.json in the user's configuration: 0600, see config.h */
    STORE_KERNEL,      /* the user's keyring in the kernel, keys "runbox:NAMESPACE:ACCESS_KEY" */
    STORE_CREDENTIALS, /* $CREDENTIALS_DIRECTORY, systemd.exec(5): read only */
    STORE__COUNT
};

/* "file", "kernel", "credentials": the store; or -1. */
int store_find(const char *text);

/* The store of a run for which none is named: the credentials if there are any, else the file. The
 * kernel's keyrings are never touched unasked. */
enum store store_default(void);

struct key {
    char ns[KEYRING_NAME_MAX + 1], access[KEYRING_NAME_MAX + 1];
};

/* Parse TEXT, "NAMESPACE:ACCESS_KEY", split at its first ':'. 0, or -1 and *WHY (USAGE). */
int key_parse(const char *text, struct key *k, struct fault *why);

/* Whether TEXT is a namespace as a manifest's keyring_access may name it, without ':'. */
bool key_namespace(const char *text);

/* Load the entries of NAMESPACES (NULL: all) into a new array: json_wipe() it. 0, or -1 and *WHY.
 * A store that does not exist yet is empty. So is, for a run, a directory that may not be opened:
 * it takes keys where it finds some; a caller that asks for all gets an error (SETUP). */
int keyring_load(enum store s, const struct names *namespaces, struct json_object **entries,
                 struct fault *why);

/* Append the keys of ENTRIES to OUT as a box reads them (struct setup_keys and its texts). 0, or -1
 * and *WHY. */
int keyring_records(const struct json_object *entries, struct str *out, struct fault *why);

/* Add K; SECRET may be NULL (an access key alone is a credential too), its bytes are not changed.
 * An existing key is replaced with REPLACE, else it is an error. 0, or -1 and *WHY. */
int keyring_add(enum store s, const struct key *k, const struct str *secret, bool replace,
                struct fault *why);

/* Delete K. 0, or -1 and *WHY (INVALID where there is no such key). */
int keyring_delete(enum store s, const struct key *k, struct fault *why);

/* Append the names of all keys to LIST, one a line. 0, or -1 and *WHY. */
int keyring_list(enum store s, struct str *list, struct fault *why);

/* Append K's secret to SECRET. 0, or -1 and *WHY: INVALID if K does not exist or has none. */
int keyring_get(enum store s, const struct key *k, struct str *secret, struct fault *why);

#endif
