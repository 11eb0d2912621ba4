/* What a monitor, or the front of a fleet, asks of its broker, and what it is told: one message each
 * over a socket pair that preserves message boundaries (SOCK_SEQPACKET); of struct order_pool up to
 * ORDER_POOLS, each checked as if it had come alone. Structs of fixed size
 * without pointers, in native byte order: both ends are one program, forked. The broker trusts
 * nothing in an order: its sender has read what a bundle or a caller wrote. */
#ifndef BROKER_ORDER_H
#define BROKER_ORDER_H

#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/resource.h>

#include "runtime/jail/box.h"
#include "schemas/fault.h"
#include "schemas/limits.h"
#include "schemas/manifest.h"
#include "schemas/report.h"

#define ORDER_TEXT 256  /* bytes of a name, including its NUL */
#define ORDER_PATH 4097 /* of a path */
#define ORDER_ASKS 512  /* of each kind, at most */

enum order_kind {
    ORDER_NAME = 1, /* the bundle's name: what do the policies grant it? Once, and binding */
    ORDER_ASK,      /* the bundle asks for this, too */
    ORDER_MOUNT,    /* ... for this mount */
    ORDER_MODULE,   /* the bundle is what was written to the broker's room: one file, main.lua */
    ORDER_FILE,     /* open one of the files that the command line names */
    ORDER_BOX,      /* the rest of what the bundle asks for: make its box */
    ORDER_CLOCK,    /* read the box's clocks */
    ORDER_KILL,     /* kill the box */
    ORDER_ARTIFACT, /* make a file without a name, to write to */
    ORDER_ARTIFACT_DONE, /* it is complete: give it its name */
    ORDER_REPORT,        /* write the report to the file of --report */
    ORDER_REMOVE,        /* remove the box, if any, and its groups; not needed once it has ended */
    ORDER_GRANT, /* change the user's policy as the command line says, for the bundle of this name; once */
    /* to a broker of many boxes (broker/pool.h), which are numbered by the monitor */
    ORDER_PLAN,  /* the rest of what the bundle asks for: what its boxes are made from; once */
    ORDER_COLD,  /* make a box, with these limits in place of the bundle's */
    ORDER_FORK,  /* fork a box from the template */
    ORDER_START, /* the box is about to get its start line: first lower its limits, send its keys */
    ORDER_EXIT,  /* the box has sent its Exit: what has it used? It may exit in the background */
    ORDER_END,   /* kill the box; nothing more is asked of it once its end is reported */
    /* to the broker of a fleet (broker/front.h) */
    ORDER_BUNDLE, /* make a broker and a monitor for a bundle; a socket to that comes with the answer */
    ORDER_DISMISS, /* these are needed no more: end them if they do not end */
    ORDER_LISTEN,  /* listen at the server's socket, which comes with the answer */
    ORDER_READY,   /* tell the service manager that the server is ready */
    ORDER_PAGE,    /* write the page of the batch, which is in the broker's room */
    ORDER__COUNT
};

enum order_ask_what { ASK_KEYRING, ASK_SYSCALL, ASK_CAPABILITY, ASK__COUNT };

struct order_name {
    uint32_t kind;
    char name[ORDER_TEXT];
};

struct order_ask {
    uint32_t kind, what; /* enum order_ask_what */
    char name[ORDER_TEXT];
};

struct order_mount {
    uint32_t kind, inside, rw;
    char source[ORDER_PATH], target[ORDER_PATH];
};

struct order_box {
    uint32_t kind;
    uint32_t profile, network;
    uint32_t entry_named;
    uint32_t keys; /* 1: send the stored keys of the granted namespaces; the caller brought none */
    uint64_t scratch;
    uint32_t files; /* 1, only with .checks of the broker: the bundle to check has profile files */
    uint64_t texts; /* bytes of the second part of its setup, sent by the monitor */
    struct limits asked;
    struct rlimit_ask rlimits[RLIM__COUNT];
    char name[ORDER_TEXT]; /* of the bundle, as in policies */
    char hostname[ORDER_TEXT];
};

struct order_file {
    uint32_t kind, index;
};

struct order_artifact {
    uint32_t kind;
    char name[ORDER_TEXT];
};

struct order_report {
    uint32_t kind;
    struct report report;
};

struct order_pool {     /* COLD, FORK, START, EXIT, END */
    uint32_t kind, box; /* its number */
    uint32_t lowers;    /* COLD, START: 1: .limits are not all LIMIT_NONE */
    uint32_t keys;      /* START: 1: send it the stored keys that were granted */
    struct limits limits;
};

struct order_bundle {
    uint32_t kind;
    uint32_t named; /* 1: bundle .index of the command line; 0: a job's, at .path */
    uint32_t index;
    char path[ORDER_PATH];
};

struct order_dismiss {
    uint32_t kind;
    uint32_t number; /* as in ANSWER_DONE */
};

struct order_plain { /* all others */
    uint32_t kind;
};

union order {
    uint32_t kind;
    struct order_name name;
    struct order_ask ask;
    struct order_mount mount;
    struct order_file file;
    struct order_box box;
    struct order_artifact artifact;
    struct order_report report;
    struct order_pool pool;
    struct order_bundle bundle;
    struct order_dismiss dismiss;
};

#define ORDER_POOLS (sizeof(union order) / sizeof(struct order_pool)) /* in one message */

enum answer_kind {
    /* to BOX (with wire), MODULE, FILE and ARTIFACT (with file), ARTIFACT_DONE, REPORT, REMOVE,
     * GRANT, PLAN, BUNDLE and LISTEN (with socket), DISMISS, READY, PAGE */
    ANSWER_DONE = 1,
    ANSWER_CLOCK,  /* to CLOCK */
    ANSWER_POLICY, /* to NAME, after its NOTICE_GRANTs */
    NOTICE_GRANT,  /* one of those */
    /* unasked, first: with the bundle (bundles/sealed.h), or why there is none */
    NOTICE_BUNDLE,
    NOTICE_SITE,         /* unasked, next: what this host can do */
    NOTICE_VIOLATION,    /* unasked: the box made a call outside its filter, and is killed */
    NOTICE_ENDED,        /* unasked: the box has ended */
    NOTICE_KILL_REFUSED, /* unasked: the kernel refuses to kill the box */
    NOTICE_MADE,         /* of COLD and FORK: the box waits for its start line; with wire, unless it
                          * may have keys */
    NOTICE_PREPARED, /* of START, if it lowers limits or the box may have keys: that is done; with wire,
                      * if it did not come before */
    NOTICE_RELOAD, /* unasked, to a server: read the bundles again */
    NOTICE_FAILED  /* unasked, last: why the broker itself cannot go on */
};

struct answer_done {
    uint32_t kind;
    int32_t failed;  /* 0, or -1 and .why */
    int32_t pid;     /* of the box */
    uint32_t number; /* BUNDLE: for DISMISS */
    uint32_t unused;
    uint64_t cpu; /* ns on its CPU clock, while it waits for its start line */
    struct fault why;
};

struct answer_clock {
    uint32_t kind;
    struct box_clock clock;
};

struct answer_policy {
    uint32_t kind;
    uint32_t changed, unbound; /* as in struct policy_grants */
    struct limits host_ceilings, user_ceilings;
};

struct notice_bundle {
    uint32_t kind;
    int32_t failed; /* 0, or -1 and .why */
    uint64_t size;  /* of the memory file that comes with it */
    struct fault why;
};

struct notice_grant {
    uint32_t kind;
    uint32_t host; /* 1: by the host's policy; 0: by the user's */
    char text[ORDER_PATH + ORDER_TEXT];
};

struct notice_site {
    uint32_t kind;
    int32_t failed;    /* 0, or -1 and .why */
    uint32_t policies; /* 1: there are policies to ask, by ORDER_NAME */
    uint32_t named;    /* 1: the bundle gets what the command line grants */
    uint32_t unused;
    uint64_t steps, bytes; /* the budget that they set (runtime/base/meter.h) */
    struct fault why;
    struct host host;
};

struct notice_violation {
    uint32_t kind, box; /* the box's number; 0 where there is only one */
    struct seccomp_data call;
    char noted[SETUP_WHERE + 1];
};

struct notice_ended {
    uint32_t kind, box;
    int32_t status; /* wait(2)'s, or BOX_LOST */
    struct rusage used;
    struct box_end end;
};

struct notice_kill_refused {
    uint32_t kind, box;
    int32_t error;
};

struct notice_made {
    uint32_t kind, box;
    int32_t failed;     /* 0, or -1 and .why */
    uint32_t templates; /* made so far */
    uint32_t loss;      /* .failed: its number; what failed together has the same */
    int32_t pid;
    uint64_t cpu;     /* ns on its CPU clock, while it waits for its start line */
    struct fault why; /* not sent unless .failed */
};

struct notice_prepared {
    uint32_t kind, box;
    int32_t failed;
    struct fault why; /* not sent unless .failed */
};

struct notice_failed {
    uint32_t kind;
    struct fault why;
};

union answer {
    uint32_t kind;
    struct answer_done done;
    struct answer_clock clock;
    struct answer_policy policy;
    struct notice_bundle bundle;
    struct notice_grant grant;
    struct notice_site site;
    struct notice_violation violation;
    struct notice_ended ended;
    struct notice_kill_refused refused;
    struct notice_made made;
    struct notice_prepared prepared;
    struct notice_failed failure;
};

#endif
