/* Inside state/: the operations of a key store, and what the stores share. */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include "runtime/state/keyring.h"

struct store_ops {
    const char *text;
    /* See keyring.h. .add and .remove are NULL where the store is read only. */
    int (*load)(const struct names *namespaces, struct json_object **entries, struct fault *why);
    int (*add)(const struct key *k, const struct str *secret, bool replace, struct fault *why);
    int (*remove)(const struct key *k, struct fault *why);
};

extern const struct store_ops store_file, store_kernel, store_credentials;

/* Whether NAMESPACES is NULL or contains NS. */
bool store_wants(const struct names *namespaces, const char *ns);

/* Add one entry to ENTRIES; SECRET (N bytes) may be NULL. 0, or -1 and *WHY (SETUP: no memory). */
int store_entry(struct json_object *entries, const struct key *k, const char *secret, size_t n,
                struct fault *why);

/* The index of K in ENTRIES, or -1. */
long store_index(struct json_object *entries, const struct key *k);

/* Whether TEXT, from keyctl_describe(3), describes one of runbox's keys: then *K. */
bool store_described(const char *text, struct key *k);

/* Fill *WHY: K exists already, or is missing. -1. */
int store_exists(const struct key *k, struct fault *why);
int store_missing(const struct key *k, struct fault *why);

#endif
