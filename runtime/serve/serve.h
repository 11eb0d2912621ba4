/* A server: the wire of runbox-wire(7) on the connections of a Unix socket, where each line that
 * is no reply is a start line or a statistics request; many runs in sequence on a connection,
 * many connections at once. One thread, which never blocks on a single party. */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <stdint.h>
#include <sys/types.h>

#include "runtime/serve/listener.h"
#include "runtime/tenants/tenants.h"

struct serve_options {
    struct tenants *tenants; /* used by this server alone */
    unsigned slots;          /* for any run */
    unsigned extra;          /* further ones, see queue.c */
    struct tenant **bundles;
    unsigned bundle_count;
    struct listener *listener; /* closed once the server is told to stop */
    int signals;               /* reads like a signalfd: those that stop it */
    struct remote *front;      /* its broker, which says when to read the bundles again */
    unsigned queue;            /* waiting start lines per bundle, at most */
    unsigned connections;      /* with a place, at most */
    unsigned guests;           /* waiting for a place, at most */
    uint64_t idle_ns;          /* 0: connections may be idle forever */
    uint64_t drain_ns;         /* for runs under way, once told to stop */
    size_t budget;             /* serve_budget() */
    uid_t uid;                 /* its own */
    const uid_t *uids;         /* users to serve besides that and root */
    size_t uid_count;
    /* Log a fault that stops nothing; FOUND (may be empty): the faults of a bundle's manifest. */
    void (*say)(const struct fault *why, const struct findings *found);
};

struct server;

/* The bytes that all callers together may make a server hold: an eighth of what its group allows, as
 * the rest is for boxes, and for what lines are parsed into. Opens files. */
size_t serve_budget(void);

/* 0, or -1 and *WHY. O must outlive the server. */
int serve_open(struct server **s, const struct serve_options *o, struct fault *why);

/* Run until told to stop and all runs have ended: 0; the number of the signal if it cancelled
 * runs; -1 and *WHY. */
int serve_run(struct server *s, struct fault *why);
void serve_close(struct server *s); /* NULL is fine */

#endif
