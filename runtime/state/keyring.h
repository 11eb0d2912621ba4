/* Keys that a person keeps for scripts: entries {namespace, access_key, secret_key}, called
 * NAMESPACE:ACCESS_KEY. Three places hold them; each gives the same array that --keyring FILE holds. */
#ifndef STATE_KEYRING_H
#define STATE_KEYRING_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct json_object;

#define KEYRING_FILE        "keyring.json"
#define KEYRING_NAME_MAX    256   /* bytes of a namespace, and of an access key */
#define KEYRING_SECRET_MAX  32767 /* what a key of the kernel's type "user" holds: keyrings(7) */
#define KEYRING_CREDENTIALS "runbox.keyring" /* files of that name, or that and ".ANYTHING" */

enum store {
    STORE_FILE,        /* keyring.json in the user's configuration: 0600, see config.h */
    STORE_KERNEL,      /* the user's keyring in the kernel, keys "runbox:NAMESPACE:ACCESS_KEY" */
    STORE_CREDENTIALS, /* $CREDENTIALS_DIRECTORY, systemd.exec(5): read only */
    STORE__COUNT
};

/* "file", "kernel", "credentials"; or -1. */
int store_find(const char *text);

/* What a run reads where nothing names a store: the credentials where there are some, else the file.
 * The kernel's keyrings are never touched unasked. */
enum store store_default(void);

struct key {
    char ns[KEYRING_NAME_MAX + 1], access[KEYRING_NAME_MAX + 1];
};

/* TEXT, "NAMESPACE:ACCESS_KEY", cut at its first ':'. 0, or -1 and *WHY (USAGE). */
int key_parse(const char *text, struct key *k, struct fault *why);

/* Its namespace has the form that a manifest's keyring_access may ask for, without ':'. */
bool key_namespace(const char *text);

/* The entries of NAMESPACES (NULL: all of them) as a new array: json_wipe() it. 0, or -1 and *WHY.
 * A store that does not exist yet is empty; so is a directory that may not be looked into, for a run, which takes keys
 * where it finds some: who asks for all of them is told (SETUP). */
int keyring_load(enum store s, const struct names *namespaces, struct json_object **entries,
                 struct fault *why);

/* The keys of ENTRIES as a box reads them (struct setup_keys and what follows), to OUT. 0, or -1 and *WHY. */
int keyring_records(const struct json_object *entries, struct str *out, struct fault *why);

/* Add K; SECRET may be NULL (a key alone is a credential too), its bytes are not changed. With
 * REPLACE one that is there already is replaced, else it is an error. 0, or -1 and *WHY. */
int keyring_add(enum store s, const struct key *k, const struct str *secret, bool replace,
                struct fault *why);

/* 0, or -1 and *WHY (INVALID where there is no such key). */
int keyring_delete(enum store s, const struct key *k, struct fault *why);

/* Append the names of all keys to LIST, a line each. 0, or -1 and *WHY. */
int keyring_list(enum store s, struct str *list, struct fault *why);

/* Append K's secret to SECRET. 0, or -1 and *WHY: INVALID where there is no such key or it has none. */
int keyring_get(enum store s, const struct key *k, struct str *secret, struct fault *why);

#endif
