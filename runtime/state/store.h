/* Inside state/: what a store of keys does, and what the stores share. */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include "runtime/state/keyring.h"

struct store_ops {
    const char *text;
    /* See keyring.h. ADD and DELETE are NULL where the store is read only. */
    int (*load)(const struct names *namespaces, struct json_object **entries, struct fault *why);
    int (*add)(const struct key *k, const struct str *secret, bool replace, struct fault *why);
    int (*remove)(const struct key *k, struct fault *why);
};

extern const struct store_ops store_file, store_kernel, store_credentials;

/* NAMESPACES is NULL or has NS. */
bool store_wants(const struct names *namespaces, const char *ns);

/* Add one entry to ENTRIES; SECRET (N bytes) may be NULL. 0, or -1 and *WHY (SETUP: no memory). */
int store_entry(struct json_object *entries, const struct key *k, const char *secret, size_t n,
                struct fault *why);

/* The index of K in ENTRIES, or -1. */
long store_index(struct json_object *entries, const struct key *k);

/* TEXT, which keyctl_describe(3) gave, is of one of runbox's keys: *K. */
bool store_described(const char *text, struct key *k);

/* Fill *WHY: there is (not) such a key. -1. */
int store_exists(const struct key *k, struct fault *why);
int store_missing(const struct key *k, struct fault *why);

#endif
