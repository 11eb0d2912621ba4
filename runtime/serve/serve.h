/* A server: the wire of runbox-wire(7) on the connections of a Unix socket, each line that is no reply a start
 * line; many runs one after another on a connection, many connections at once. One thread, no waiting for
 * anybody. */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <stdint.h>
#include <sys/types.h>

#include "runtime/fleet/fleet.h"
#include "runtime/serve/listener.h"

struct serve_options {
    struct fleet *fleet; /* whose every run is the server's */
    unsigned slots;      /* of it, for runs of any kind */
    unsigned extra;      /* of it beyond them, see queue.c */
    struct fleet_bundle **bundles;
    unsigned bundle_count;
    struct listener *listener; /* closed once the server is told to stop */
    int signals;               /* a signalfd: SIGHUP reads the bundles again, all others stop */
    unsigned queue;            /* start lines of one bundle that wait, at most */
    unsigned connections;      /* that have a place, at most */
    unsigned guests;           /* that wait for a place, at most */
    uint64_t idle_ns;          /* 0: a connection may be idle for ever */
    uint64_t drain_ns;         /* what runs under way have, once it was told to stop */
    const uid_t *uids;         /* whom else than its own user and root it serves */
    size_t uid_count;
    int store; /* of keys, as in keyring.h; -1: the default */
    /* Something for the log that stops nothing: FOUND (may be empty) are the faults of bundle's manifest. */
    void (*say)(const struct fault *why, const struct findings *found);
};

struct server;

/* 0, or -1 and *WHY. The options must outlive it. Waiting boxes are on their way. */
int serve_open(struct server **s, const struct serve_options *o, struct fault *why);

/* Until it was told to stop and all have ended: 0; the number of a signal: runs were cancelled for it; -1 and
 * *WHY. */
int serve_run(struct server *s, struct fault *why);
void serve_close(struct server *s); /* NULL is fine */

#endif
