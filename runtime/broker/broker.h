/* The broker of one run: the process that was started stays privileged, and parses nothing from the
 * bundle or the caller. Its unprivileged child, the monitor, does that, and orders what it needs
 * (order.h). Each order is checked against what the command line and the policy files grant: one
 * that exceeds it, or is out of turn, ends its sender. When the monitor ends, so does its box.
 * Of a fleet, its child is the front (front.h), here called the monitor, too. */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include "runtime/host/resolve.h"
#include "runtime/jail/box.h"
#include "runtime/state/keyring.h"

struct artifacts;
struct audit;
struct front;
struct front_named;

/* The only box that may be ordered, for verbs whose box no bundle's manifest describes. */
struct neutral {
    const char *name;
    struct limits limits; /* exactly these must be asked for */
};

struct maker { /* a process of a bundle's */
    int pid, pidfd;
    int64_t index;   /* of its bundle in the command line, or -1 */
    uint32_t number; /* the same for the two of a bundle */
    bool monitor;    /* else the broker */
    uint64_t due;    /* box_now() at which it is killed; 0: never */
};

struct broker {
    const char *
        module; /* not NULL: the bundle is a module, which the caller sends, and this is its name */
    const struct bundle *bundle;   /* NULL until broker_tell_bundle(), or the module has come */
    const struct site *site;       /* ... until broker_tell_site() */
    const struct grants *grants;   /* NULL: no box may be ordered */
    const struct neutral *neutral; /* NULL: the grants decide */
    const struct front *front;     /* not NULL: of a fleet (front.h), which orders no box here */
    unsigned pooled;               /* not 0: serves up to so many boxes of the bundle (pool.h) */
    bool lowers;                   /* ... whose limits may be a job's */
    bool by_command;               /* ... which gets what the command line grants */
    bool yields;                   /* ... whose long runs give way to short ones */
    bool checks;                   /* boxes compile a bundle's sources and run none (SETUP_CHECK) */
    struct audit *audit;           /* NULL: none */
    struct artifacts *artifacts;   /* NULL: none may be made */
    char *const *files;            /* the .file_count files that may be opened for reading */
    size_t file_count;
    const char *report;                 /* NULL: none may be written */
    const struct policy_change *change; /* NULL: the policy must not be changed */
    bool brings_keys;                   /* the caller brings keys: no stored one is given */
    int store;                          /* enum store of the keys; -1: the default one */
    struct box *box;                    /* box_prepare()'s, or NULL */
    int signals;                        /* a signalfd: what it reads is forwarded to the monitor */
    /* Private: */
    struct orders *orders;
    int monitor, pidfd, socket, forward;
    struct maker *makers; /* the .maker_count brokers and monitors of bundles, of .front */
    size_t maker_count;
    uint32_t numbers;          /* of these, so far */
    struct front_named *named; /* shared by these */
    int killed;                /* the signal that killed the monitor; else 0 */
    bool failed; /* the broker itself failed: the monitor is told why, and tells its caller */
    struct fault unnotified; /* why the monitor was not sent what it awaits; else .what is "" */
    struct fault left;       /* a group of the box that was not removed; else .what is "" */
    struct fault unaudited;  /* why an audit line was not written; else .what is "" */
    unsigned stops;          /* signals to stop that a fleet has had: 0, 1, or more */
    uint64_t stop_due;       /* box_now() by which a monitor told to stop must end; 0: not told */
};

/* The monitor's ends. */
struct broker_wire {
    int orders;
    int signals; /* reads like a signalfd */
    int room;    /* write(2) a module here; -1: none comes */
    int error;   /* errno: its life could not be tied to the broker's, and it must not go on */
};

/* Fork the monitor: 0 there, with *W; its pid in the broker, or -1 and *WHY. The monitor must close
 * what it inherits. */
int broker_fork(struct broker *b, struct broker_wire *w, struct fault *why);

/* Send the monitor what it waits for: the bundle; then what this host can do and what its policies
 * say. NULL: it could not be read (*WHY). It is no error if the monitor has ended. */
void broker_tell_bundle(struct broker *b, const struct bundle *bundle, struct fault *why);
void broker_tell_site(struct broker *b, const struct site *site, struct fault *why);

/* Serve the monitor until it has ended. Its exit status; or -1 and *WHY: it was killed, or had to
 * be, and a report that it owes says so. */
int broker_serve(struct broker *b, struct fault *why);

#define BROKER_MAKERS \
    512 /* brokers and monitors of bundles whose ends are waited for at once, at most */

/* With this many boxes of a pool exiting, a fork waits for the group of one of them. */
#define BROKER_EXITING 2

/* Kill the box if still alive, and remove its groups. 0, or -1 and *WHY where a group stays. */
int broker_close(struct broker *b, struct fault *why);

#endif
