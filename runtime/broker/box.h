/* The live thing, known to broker/, which makes it, and to those above, who watch it. */
#ifndef BROKER_BOX_H
#define BROKER_BOX_H

#include <linux/seccomp.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "cgroups/oom.h"
#include "runtime/base/str.h"
#include "runtime/broker/maker.h"
#include "runtime/jail/jail.h"
#include "runtime/wire/lines.h"
#include "schemas/setup.h"

#define BOX_NAMESPACES 8

struct box_clock {
    uint64_t cpu;   /* ns of its process: exact */
    uint64_t ticks; /* ns as RLIMIT_CPU counts them, which is by ticks */
};

struct box;

/* What only whoever holds the box can do or knows, where that is another process. */
struct box_holder {
    void (*hear)(
        struct box *box); /* .pidfd, the way to the holder, is readable: takes what it says */
    void (*kill)(struct box *box);
    void (*clock)(const struct box *box, struct box_clock *c);
    void (*usage)(const struct box *box, struct group_usage *u);
    enum oom_whose (*oom)(const struct box *box, struct oom *o);
    int (*remove)(struct box *box, struct fault *why);
};

struct box {
    const struct box_holder *holder; /* NULL: this process */
    struct remote *remote;           /* ... else the way to it, which is the holder's own */
    const struct plan *plan;
    const struct bundle *bundle;
    const struct cgroups *cgroups;
    const struct plan *boxes; /* of a template: its boxes' plan */
    struct group group;
    struct group_limits limits;
    struct jail jail;
    bool host_network;         /* what it was cloned with */
    pid_t pid;                 /* 0 once reaped */
    bool forked;               /* a template's child; else the monitor's own */
    struct template *template; /* of a forked one; NULL once that is gone */
    int32_t inside;            /* its number there, once born */
    bool ended;                /* a template's child: seen to be no more than a zombie */
    bool asked;                /* ... the template shall tell how it ended */
    bool unasked;              /* ... and would have been asked, but takes no orders now */
    bool
        gone; /* not this process's child: ended, as .wait_status and .used say where that was asked */
    int unborn;      /* a template's child: the errno of the fork that failed; .gone then */
    int wait_status; /* wait(2)'s, or BOX_LOST */
    struct rusage used;
    int kill_errno;       /* of the SIGKILL that could not be sent to it; 0 */
    uint64_t kill_failed; /* box_now() at the first of them */
    int pidfd;
    int wire;     /* the monitor's end */
    int theirs;   /* the box's end, until it has its order */
    int listener; /* of the box's seccomp filter; of a template's child -1: its template has it */
    int64_t
        where; /* the box's address of what it notes (schemas/setup.h); 0: it notes nothing; or a template's page */
    bool violated; /* .call is outside the filter, and .noted what the box had noted then */
    struct seccomp_data call;
    char noted[SETUP_WHERE + 1]; /* hostile: see .where */
    uint64_t texts;              /* not 0: so many bytes of its setup are another's to send */
    struct setup_ready ready;    /* its first message, of which .heard bytes have come */
    size_t heard;
    struct str out;               /* bytes on their way to the box */
    struct lines in;              /* lines from the box */
    bool jail_read;               /* by receipts_jail() */
    ino_t own_ns[BOX_NAMESPACES]; /* the monitor's own namespaces, for the receipts */
    uint64_t started;             /* CLOCK_MONOTONIC ns at its start line */
    uint64_t cpu_at_start;        /* ns its CPU clock showed then */
};

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t box_now(void);

/* CPU time of the box's process; 0 once it is reaped. Source: clock_getcpuclockid(3), the kernel's
 * <linux/posix-timers_types.h>. */
void box_clock(const struct box *box, struct box_clock *c);

/* What its groups counted; whose limit it was for which the kernel killed in them. */
void box_usage(const struct box *box, struct group_usage *u);
enum oom_whose box_oom(const struct box *box, struct oom *o);

/* Take from the listener which call is outside the filter, and what the box has noted: .violated. Nothing is answered but by a
 * kill. */
void box_violation(struct box *box);

#define BOX_EXIT_NS \
    10000000ull /* ns that a template's box has for its exit, once it has said Exit */

#define BOX_LOST SETUP_UNKNOWN /* its template died with it: nobody has its wait status */

/* The end of a box whose process has ended: its wait status and what it used; .pid is 0 then. 0, or -1
 * where it has not. */
int box_reap(struct box *box, int *status, struct rusage *used);

/* A forked box: its template has told of it; its process has ended, reaped or not. */
bool box_is_born(const struct box *box);
bool box_has_ended(struct box *box);

/* Nothing more is said to it or heard from it. */
void box_hang_up(struct box *box);

/* SIGKILL, by pidfd. Where the kernel refuses it (a user namespace or a filter around runbox may), its wire is shut, by
 * which all but a hostile box end. Source: pidfd_send_signal(2). */
void box_kill(struct box *box);

#define BOX_STAY 1000000000ull /* ns in which a box that cannot be killed may end by itself */

/* When a box that could not be killed is left as it is, box_now(); UINT64_MAX where none is to be. */
uint64_t box_stays(const struct box *box);

/* Wait for the end of a box that was killed. 0, or -1 where it stays. */
int box_await(struct box *box);

/* Write what the wire takes now of .out. 0, or -1 with errno. */
int box_flush(struct box *box);

/* cold.c: send N bytes behind its setup, and wait until it has taken them: it is ready, and reads. 0, or -1 and *WHY. */
int box_send(struct box *box, const void *bytes, size_t n, struct fault *why);

/* cold.c: of another process, which made it: only what this one inherited is closed. */
void box_abandon(struct box *box);

/* cold.c: a box of nothing yet: box_delete() it. NULL and *WHY where there is no memory. */
struct box *box_blank(struct fault *why);

/* cold.c: take what has come of its first message (struct setup_ready), and its listener (a template's child has none). 1; 0: not all
 * has come, and *ENDED: nor will it; or -1 and *WHY with what it said instead. Never waits. */
int box_take_ready(struct box *box, bool *ended, struct fault *why);

/* Its making took more than its limit of memory: -1 and *WHY (MEMORY). */
int box_outgrown(const struct box *box, struct fault *why);

/* A process of it was killed for memory: -1 and *WHY, MEMORY for its own limit's, SETUP for that of a group around
 * runbox or the host's; 0: it was not. */
int box_oom_in_making(const struct box *box, struct fault *why);

/* receipts.c: all that was asked for, read back from the kernel: what is there before the box; what is final once its
 * jail has done all but the exec (receipts_jail(), of which nothing is left to do where it was called before); once it
 * has said Ready, the rest. 0, or -1 and *WHY naming the first difference. Source: proc(5), namespaces(7). */
int receipts_prepare(struct box *box, struct fault *why);
int receipts_jail(struct box *box, struct fault *why);
int receipts_read(struct box *box, struct fault *why);

#endif
