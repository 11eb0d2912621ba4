/* The setup, sent by the broker and the monitor (schemas/setup.h), read and taken apart; and what
 * must happen to this process before the first byte of Lua is parsed. Trusts both, but checks every
 * length. */
#ifndef SCRIPT_CORE_SETUP_H
#define SCRIPT_CORE_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/script/core/wire.h"
#include "schemas/setup.h"

struct arena;

struct text { /* bytes of the setup, which stay for the life of the process; no NUL */
    const char *at;
    size_t n;
};

struct boot {
    struct setup head;
    const void *filter;  /* struct sock_filter[head.filter_count] */
    const void *rlimits; /* struct setup_rlimit[head.rlimit_count], unaligned */
    uint64_t seed;       /* random: for Lua's string hashes */
    const char *sources; /* lists of texts, walked with boot_text() */

    struct setup_keys keys;
    char *key; /* their texts, on the heap; NULL: none */

    char *second; /* room for the second part */
    struct setup_texts counts;
    struct text name, version, entry, main;
    const char *calls, *env;
};

/* Read the first part from FD, and reserve the arena with room for both parts. 0, or -1 with *WHY
 * (static); 1 if they do not fit in it. */
int boot_read(int fd, struct boot *g, struct arena **arena, const char **why);

/* Read the keys. After the first part a short read cannot be reported: then the process exits. 0,
 * or -1 with *WHY (static); 1 with *WHY if there is no memory for them. */
int boot_read_keys(struct wire *w, struct boot *g, const char **why);

/* Read the second part. 0, or -1 with *WHY (static). */
int boot_read_texts(struct wire *w, struct boot *g, const char **why);

/* Return the text at *AT, and move *AT past it. */
struct text boot_text(const char **at);

bool boot_has_call(const struct boot *g, const char *method, size_t n);              /* listed? */
bool boot_env(const struct boot *g, const char *name, size_t n, struct text *value); /* set? */
/* *BYTES: the source at PATH. False if there is none. */
bool boot_source(const struct boot *g, const char *path, size_t n, struct text *bytes);

#endif
