/* A live box, known to its maker (cold.c, template.c), to the broker, which holds it, and to the
 * layers above, which watch it. */
#ifndef JAIL_BOX_H
#define JAIL_BOX_H

#include <linux/seccomp.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "cgroups/oom.h"
#include "runtime/base/pidfd.h"
#include "runtime/base/str.h"
#include "runtime/jail/idmap.h"
#include "runtime/jail/jail.h"
#include "runtime/jail/maker.h"
#include "runtime/wire/lines.h"
#include "schemas/setup.h"

struct box_clock {
    uint64_t cpu;   /* ns of its process, exact */
    uint64_t ticks; /* ns as RLIMIT_CPU counts them, in ticks */
};

/* What is known of a box once it has ended, or with .detached once it has sent its Exit. */
struct box_end {
    bool detached;
    uint32_t whose; /* enum oom_whose: whose limit the OOM kill that ended it was for */
    struct oom oom;
    struct box_clock clock;
    struct group_usage usage;
};

enum box_maker {
    MAKER_COLD, /* cold.c: cloned, the maker's own child */
    MAKER_WARM  /* template.c: forked, the template's */
};

/* What is known of a box's end; it goes only forwards. BOX_ENDED to BOX_ASKED are for boxes that are
 * not this process's children, which cannot be waited for. */
enum box_ending {
    BOX_LIVE,
    BOX_ENDED,   /* its process has ended: it is a zombie at most */
    BOX_UNASKED, /* ... its template could not be asked how: it takes no orders now */
    BOX_ASKED,   /* its template, or holder, was asked how it ends, or ended */
    BOX_GONE,    /* ... and has said it, or never will */
    BOX_ORPHANED /* ... its holder has ended, and it with it */
};

struct box;

/* What only the process that holds the box can do or knows, where that is another one. */
struct box_holder {
    /* .pidfd, here the holder's socket, is readable: take its messages. NULL: another loop does. */
    void (*hear)(struct box *box);
    void (*kill)(struct box *box);
    /* The box has sent its Exit, and will soon be BOX_GONE. NULL: its real end is waited for. */
    void (*exit)(struct box *box);
    /* NULL: this process may read its clocks, too. */
    void (*clock)(const struct box *box, struct box_clock *c);
    int (*remove)(struct box *box, struct fault *why);
};

struct box {
    const struct box_holder *holder; /* NULL: this process holds it */
    struct remote *remote; /* ... else the connection to its holder, not the box's to close */
    uint32_t number;       /* ... which knows it by this */
    struct box_end end;    /* ... once BOX_GONE */
    const struct plan *plan;
    const struct bundle *bundle;
    const struct cgroups *cgroups;
    const struct plan *boxes; /* a template's: the plan of its boxes */
    struct group group;
    struct group_limits limits;
    struct jail jail;
    bool host_network;  /* it was cloned without a network namespace of its own */
    bool born_in_group; /* in .group, on v2 */
    bool limited;       /* .group has the limits of .plan */
    pid_t pid;          /* 0 once reaped */
    pid_t in_proc;      /* its number in /proc */
    enum box_maker maker;
    struct template *template; /* of a forked box; NULL once deleted */
    int32_t inside;            /* its pid in the template's pid namespace, once born */
    enum box_ending ending;
    int unborn;      /* errno of the fork that failed; BOX_GONE then */
    int wait_status; /* once BOX_GONE: wait(2)'s, or BOX_LOST */
    struct rusage used;
    int kill_errno;       /* why SIGKILL could not be sent; else 0 */
    uint64_t kill_failed; /* box_now() of the first such failure */
    int pidfd;
    int wire;     /* this side's end */
    int theirs;   /* the box's end, until its order is sent */
    int listener; /* of the box's seccomp filter; -1: not taken yet, or a template, which has none */
    int64_t where; /* address of its note (schemas/setup.h), or 0 */
    bool violated; /* .call was outside the filter; .noted is the box's note then */
    struct seccomp_data call;
    char noted[SETUP_WHERE + 1]; /* hostile: see .where */
    uint64_t texts;              /* not 0: bytes of its setup that another process sends */
    struct setup_ready ready;    /* its first message, of which .heard bytes have arrived */
    size_t heard;
    struct str out;  /* bytes to send to the box */
    struct lines in; /* lines from the box */
    bool jail_read;  /* receipts_jail() has passed */
    struct idmap ids;
    ino_t own_ns[PIDFD_NAMESPACES]; /* this process's own, for the receipts */
    uint64_t started;               /* CLOCK_MONOTONIC ns at its start line */
    uint64_t cpu_at_start;          /* ns its CPU clock showed then */
};

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t box_now(void);

/* Read the CPU time of the box's process; 0 once it is reaped. Source: clock_getcpuclockid(3), the
 * kernel's <linux/posix-timers_types.h>. */
void box_clock(const struct box *box, struct box_clock *c);
uint64_t box_cpu(const struct box *box); /* .cpu alone */

/* Read what its groups counted; and whose limit an OOM kill in them was for. */
void box_usage(const struct box *box, struct group_usage *u);
enum oom_whose box_oom(const struct box *box, struct oom *o);

/* Where its groups do not count the peak of memory, read that of its process, which runs or is about
 * to exit: set .ru_maxrss of *USED. False: it has ended, or cannot be seen. */
bool box_peak(const struct box *box, struct rusage *used);

/* Receive from the listener the call that is outside the filter, and read the box's note: sets
 * .violated. A kill is the only answer. */
void box_violation(struct box *box);

#define BOX_EXIT_NS \
    10000000ull /* ns that a template's box may take to exit after it has said Exit */

#define BOX_TICK 4000000ull /* ns: the kernel's, on most (CONFIG_HZ=250) */

#define BOX_LOST SETUP_UNKNOWN /* its template died with it: the wait status is unknown */

/* Get the wait status and usage of a box whose process has ended, and set .pid to 0. Otherwise -1:
 * wait4(2) failed, or, of a box that is not this process's child, its end is not known yet. */
int box_reap(struct box *box, int *status, struct rusage *used);

/* Note that no more will be known of its end than STATUS, wait(2)'s or BOX_LOST. */
void box_set_gone(struct box *box, int status);
bool box_is_gone(const struct box *box);

/* Whether the birth of a forked box was reported; whether its process has ended, reaped or not. */
bool box_is_born(const struct box *box);
bool box_has_ended(struct box *box);

/* Close the wire: no more is sent to the box or read from it. */
void box_hang_up(struct box *box);

/* Send SIGKILL by pidfd. Where the kernel refuses (a user namespace or filter around runbox may),
 * shut the wire, on which all but a hostile box exit. Source: pidfd_send_signal(2). */
void box_kill(struct box *box);

#define BOX_STAY 1000000000ull /* ns in which a box that cannot be killed may end by itself */

/* When to give up a box that could not be killed, as box_now(); UINT64_MAX: no kill has failed. */
uint64_t box_stays(const struct box *box);

/* Wait for a killed box to end. 0, or -1 where it stays alive. */
int box_await(struct box *box);

/* Write as much of .out as the wire takes now. 0, or -1 with errno. */
int box_flush(struct box *box);

/* cold.c: send N bytes after its setup, and wait until the wire has taken them: the box is ready,
 * and reads. 0, or -1 and *WHY. */
int box_send(struct box *box, const void *bytes, size_t n, struct fault *why);

/* cold.c: free a box that another process made; closes only what this process has of it. */
void box_abandon(struct box *box);

/* cold.c: allocate an empty box: box_delete() it. NULL and *WHY where there is no memory. */
struct box *box_blank(struct fault *why);

/* ready.c: read what has arrived of its first message (struct setup_ready), then take its listener
 * (a template has none). 1; 0: incomplete, and if *ENDED for good; or -1 and *WHY, with
 * what the box said instead. Never blocks. */
int box_take_ready(struct box *box, bool *ended, struct fault *why);

/* Report that making it took more than its memory limit: -1 and *WHY (MEMORY). */
int box_outgrown(const struct box *box, struct fault *why);

/* If the kernel killed a process of it for memory: -1 and *WHY, MEMORY for its own limit, SETUP for
 * that of a group around runbox or the host. Otherwise 0. */
int box_oom_in_making(const struct box *box, struct fault *why);

/* receipts.c: read back from the kernel all that was asked for. receipts_prepare(): what exists
 * before the box; receipts_jail(): what is final once its jail has done all but the exec (no-op if
 * it has passed before); receipts_read(): once the box has said Ready, the rest. 0, or -1 and *WHY
 * naming the first difference. Source: proc(5), namespaces(7). */
int receipts_prepare(struct box *box, struct fault *why);
int receipts_jail(struct box *box, struct fault *why);
int receipts_read(struct box *box, struct fault *why);

#endif
