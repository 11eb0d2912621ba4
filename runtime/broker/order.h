/* What the monitor asks of the broker, and what it is told: one message each over a pair of sockets that keep messages apart
 * (SOCK_SEQPACKET). Structs of fixed size without pointers, in native byte order: both ends are one program, forked. The
 * sender is believed nothing: it has read what a bundle and a caller wrote. */
#ifndef BROKER_ORDER_H
#define BROKER_ORDER_H

#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/resource.h>

#include "cgroups/oom.h"
#include "runtime/broker/box.h"
#include "schemas/fault.h"
#include "schemas/limits.h"
#include "schemas/manifest.h"
#include "schemas/report.h"

#define ORDER_TEXT 256  /* bytes of a name, its NUL included */
#define ORDER_PATH 4097 /* of a path */
#define ORDER_ASKS 512  /* of a kind, at most */

enum order_kind {
    ORDER_NAME = 1, /* of the bundle: what do the policies give it? Once, and binding */
    ORDER_ASK,      /* the bundle asks for this, too */
    ORDER_MOUNT,    /* ... for this mount */
    ORDER_MODULE,   /* what is written in the broker's room is the bundle: one file, main.lua */
    ORDER_FILE,     /* open one of those that the command line names */
    ORDER_BOX,      /* ... and for this, which is all: make its box */
    ORDER_CLOCK,    /* what its clocks show */
    ORDER_KILL,     /* the box shall end */
    ORDER_ARTIFACT, /* a file without a name, to write to */
    ORDER_ARTIFACT_DONE, /* it is whole, and gets its name */
    ORDER_REPORT,        /* write the report to the file of --report */
    ORDER_REMOVE, /* the box that lives, and its groups: those of one that has ended go unasked */
    ORDER_GRANT, /* the change of the user's policy that the command line names, for the bundle of this name; once */
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
    uint32_t
        keys; /* 1: of the namespaces that are granted, those that are stored: the caller brought none */
    uint64_t scratch;
    uint32_t
        files; /* 1, with .checks of the broker: the bundle whose sources are looked at has files */
    uint64_t texts; /* bytes of the second part of its setup, which the monitor sends */
    struct limits asked;
    struct rlimit_ask rlimits[RLIM__COUNT];
    char name[ORDER_TEXT]; /* of the bundle: policies know it */
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
};

enum answer_kind {
    ANSWER_DONE =
        1, /* to BOX (with its wire), MODULE, FILE and ARTIFACT (with the file), ARTIFACT_DONE, REPORT, REMOVE, GRANT */
    ANSWER_CLOCK,  /* to CLOCK */
    ANSWER_POLICY, /* to NAME, behind NOTICE_GRANTs */
    NOTICE_GRANT,  /* one of them */
    NOTICE_BUNDLE, /* unasked, first of all: with the bundle (bundles/sealed.h), or why there is none */
    NOTICE_SITE,         /* unasked, then: what this host can do */
    NOTICE_VIOLATION,    /* unasked: the box has made a call outside its filter, and is killed */
    NOTICE_ENDED,        /* unasked: the box has ended */
    NOTICE_KILL_REFUSED, /* unasked: by the kernel */
    NOTICE_FAILED        /* unasked, last of all: why the broker itself cannot go on */
};

struct answer_done {
    uint32_t kind;
    int32_t failed; /* 0, or -1 and .why */
    int32_t pid;    /* of the box */
    uint64_t cpu;   /* ns that its CPU clock shows: it waits for its start line */
    struct fault why;
};

struct answer_clock {
    uint32_t kind;
    struct box_clock clock;
};

struct answer_policy {
    uint32_t kind;
    uint32_t changed, unbound; /* struct policy_grants */
    struct limits host_ceilings, user_ceilings;
};

struct notice_bundle {
    uint32_t kind;
    int32_t failed; /* 0, or -1 and .why */
    uint64_t size;  /* of the memory that comes with it */
    struct fault why;
};

struct notice_grant {
    uint32_t kind;
    uint32_t host; /* 1: by the host's policy; 0: by the user's */
    char text[ORDER_PATH + ORDER_TEXT];
};

struct notice_site {
    uint32_t kind;
    int32_t failed;        /* 0, or -1 and .why */
    uint32_t policies;     /* 1: there are some, which ORDER_NAME asks */
    uint64_t steps, bytes; /* the budget that they give (runtime/base/meter.h) */
    struct fault why;
    struct host host;
};

struct notice_violation {
    uint32_t kind;
    struct seccomp_data call;
    char noted[SETUP_WHERE + 1];
};

struct notice_ended {
    uint32_t kind;
    int32_t status; /* wait(2)'s */
    struct rusage used;
    struct box_clock clock; /* when it was seen to have ended */
    struct group_usage usage;
    uint32_t whose; /* enum oom_whose */
    struct oom oom;
};

struct notice_kill_refused {
    uint32_t kind;
    int32_t error;
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
    struct notice_failed failure;
};

#endif
