/* The broker of one run: the process that was started keeps its rights, and parses nothing of the bundle or the caller. A child
 * without rights, the monitor, does that, and asks for what it needs by orders (order.h). Each is checked against what the command
 * line and the policy files grant: one that goes beyond, or comes out of turn, ends its sender. When the monitor ends, its box
 * does. */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include "runtime/broker/box.h"
#include "runtime/host/resolve.h"
#include "runtime/state/keyring.h"

struct artifacts;
struct audit;

/* All that a box may be asked for, where no bundle's manifest says it: nothing but these. */
struct neutral {
    const char *name;
    struct limits limits; /* asked for: these, neither more nor less */
};

/* What may be done to the user's policy for the bundle that is read, or, of .revoke, for one of any name. */
struct policy_change {
    const char *grant; /* "keyring:NAMESPACE" */
    const char *path;  /* not NULL: for what lies in this directory, instead of the digest */
    bool revoke;
};

struct broker {
    const char *
        module; /* not NULL: what the bundle is called that the caller brings, and no other is read */
    const struct bundle *bundle;   /* NULL till broker_tell_bundle(), or the module has come */
    const struct site *site;       /* ... broker_tell_site() */
    const struct grants *grants;   /* NULL: no box may be ordered */
    const struct neutral *neutral; /* NULL: the grants decide */
    bool checks;                   /* boxes compile a bundle's sources and run none (SETUP_CHECK) */
    struct audit *audit;           /* NULL: none */
    struct artifacts *artifacts;   /* NULL: none may be made */
    char *const *files;            /* .file_count of them may be opened to be read */
    size_t file_count;
    const char *report;                 /* NULL: none may be written */
    const struct policy_change *change; /* NULL: the policy stays as it is */
    bool brings_keys;                   /* the caller: none that is stored is given */
    int store;       /* enum store of the keys; -1: the one that stands where none is named */
    struct box *box; /* box_prepare()'s, or NULL */
    int signals;     /* a signalfd: what it reads goes to the monitor */
    /* Its own: */
    struct orders *orders;
    int monitor, pidfd, socket, forward;
    int killed;              /* the signal that the monitor died of; 0 */
    bool failed;             /* the broker itself: the monitor is told why, and tells its caller */
    struct fault unnotified; /* why the monitor could not be told what it waits for; .what is "" */
    struct fault left;       /* a group of the box that stays; .what is "" */
    struct fault unaudited;  /* why a line of the audit log could not be written; .what is "" */
    uint64_t
        stop_due; /* box_now() at which a monitor that was told to stop must have ended; 0: it was not told */
};

/* The monitor's ends. */
struct broker_wire {
    int orders;
    int signals; /* gives what a signalfd would */
    int room;    /* where a module is written, by write(2); -1: none comes */
    int error;   /* an errno: its life could not be tied to the broker's, and it must not go on */
};

/* Start the monitor: 0 there, with *W; its pid in the broker, or -1 and *WHY. What the monitor inherits is its to close. */
int broker_fork(struct broker *b, struct broker_wire *w, struct fault *why);

/* Tell the monitor what it waits for: the bundle; then what this host can do and what its policies say. NULL: it could not be
 * read, as *WHY says. Of a monitor that has ended nobody needs to know here. */
void broker_tell_bundle(struct broker *b, const struct bundle *bundle, struct fault *why);
void broker_tell_site(struct broker *b, const struct site *site, struct fault *why);

/* Serve it until it has ended. Its exit status; or -1 and *WHY: it was killed, or had to be, and a report that it owes says so. */
int broker_serve(struct broker *b, struct fault *why);

/* Its box goes, if it still lives, and its groups. 0, or -1 and *WHY where a group stays. */
int broker_close(struct broker *b, struct fault *why);

#endif
