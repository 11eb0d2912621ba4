/* The first bytes a box reads, from its only descriptor (0, a stream socket), in two parts. Native byte order: writer and
 * reader are one build on one machine. A text is a uint32_t length, then that many bytes, no NUL.
 *
 * The first is the broker's, which the box trusts, and is read before the filter is loaded:
 *
 *   struct setup                       fixed header
 *   struct sock_filter[filter_count]   the seccomp program (8 bytes each, <linux/filter.h>)
 *   struct setup_rlimit[rlimit_count]  with SETUP_TEMPLATE: what a forked box tightens
 *   sources[source_count]              texts: path ("lib/a.lua"), bytes
 *
 * Then the box confines itself, loads the filter, and answers a struct setup_ready, or why it cannot. To that the broker answers
 * with the keys that it has for the run, which nobody else shall see, .bytes of them:
 *
 *   struct setup_keys                  fixed header
 *   keys[key_count]                    texts: namespace, access key, secret key (of length SETUP_NO_SECRET: it has none)
 *
 * The second part is the monitor's, who has read the manifest, and is read behind the filter (by a template before it: nothing is a text's there but
 * its length); it is .texts bytes long:
 *
 *   struct setup_texts                 fixed header
 *   name, version, entry, main         texts ("main" is the path of the main source)
 *   calls[call_count]                  texts: methods that the script may call
 *   env[env_count]                     texts: name, value
 *
 * The next thing it reads is the start line: JSON, '\n'.
 *
 * With SETUP_TEMPLATE it opens Lua's libraries, loads the filter with calls of its own in front, which are allowed
 * from one page of its text, .address, alone, says that it is ready, and from then on its
 * descriptor carries orders and words instead of lines. A struct setup_order may name a box that has ended: it
 * reaps that one and, where asked to tell, sends a struct setup_message SETUP_ENDED. Then, where the order comes with
 * descriptors (SCM_RIGHTS: the box's wire, then files of groups to write "0" to), it forks a box and sends
 * SETUP_BORN with the box's pidfd. The box joins, takes that page from itself and says on its own wire that it is ready;
 * before its start line comes a struct setup_job. The listener is one for all of them. */
#ifndef SCHEMAS_SETUP_H
#define SCHEMAS_SETUP_H

#include <stdint.h>

#define SETUP_MAGIC 0x31584f424e5552ull /* "RUNBOX1" */

#define WIRE_LINE_MAX   (1u << 20) /* bytes of one line in either direction, its newline included */
#define WIRE_CALLS_DEEP 16 /* calls and callbacks open at once, each within the one before; even */

#define SETUP_WHERE 256 /* a longer path's line is cut, and so not told */

#define SETUP_FILES       1u  /* profile files or network: io.open and friends exist */
#define SETUP_ENTRY_NAMED 2u  /* the manifest named the entry: its absence is an error */
#define SETUP_CHECK       4u  /* compile every source, run none, tell what is found */
#define SETUP_TEMPLATE    16u /* fork boxes to order */
#define SETUP_SANDBOX     8u  /* sn0int's library and events in place of runbox's own */

/* With SETUP_CHECK the box sends each finding as the text of one Write event, "KIND SOURCE LINE TEXT":
 * a letter, the source's index in the list above, the line (0: none), up to the text's end. */
#define CHECK_BEGUN   'B' /* no finding: SOURCE is looked at from here on */
#define CHECK_SYNTAX  'S' /* the compiler's message */
#define CHECK_GLOBAL  'G' /* a global that is read, of no library, and set by no source */
#define CHECK_FIELD   'F' /* the same of a library's table: "os.execute" */
#define CHECK_REQUIRE 'R' /* a module that is not in the bundle */
#define CHECK_CALL    'C' /* box.call of this method */
#define CHECK_KEYRING 'K' /* box.keyring of this namespace */
#define CHECK_OPTION  'O' /* box.options.TEXT is read */
#define CHECK_ENTRY   'E' /* the entry that the manifest names; no source sets it */

struct setup {
    uint64_t magic;
    uint64_t total;        /* bytes of what follows this header, of the first part */
    uint64_t texts;        /* bytes of the second part */
    uint64_t arena;        /* bytes the Lua allocator may use, reserved before the filter */
    uint64_t instructions; /* VM instructions; UINT64_MAX: no limit */
    uint64_t line_max;     /* bytes of one line of the wire, '\n' included */
    uint32_t flags;
    uint32_t filter_count;
    uint32_t source_count;
    uint32_t prefault; /* bytes of the arena to populate before the filter (page faults cost) */
    uint32_t rlimit_count;
    uint32_t zero;
};

#define SETUP_NO_SECRET UINT32_MAX

struct setup_keys {
    uint32_t key_count;
    uint32_t bytes; /* of the texts */
};

struct setup_texts {
    uint32_t call_count;
    uint32_t env_count;
};

enum setup_state { SETUP_READY = 1, SETUP_FAILED, SETUP_TOO_LITTLE_MEMORY };

struct setup_ready {
    uint32_t state;
    int32_t listener; /* READY: the number of its seccomp listener; -1: it has none */
    uint64_t
        address; /* READY, with SETUP_FILES: where it notes, in SETUP_WHERE bytes, the line of Lua that last used a
                       * file ("main.lua:12", ended by NUL); of a template: that page; else 0 */
    char text[112]; /* FAILED: why, ended by NUL */
};

struct setup_rlimit {
    uint64_t resource, soft, hard; /* RLIMIT_*; all ones: no limit */
};

#define SETUP_JOINS 4

#define SETUP_SCORE     1 /* with SETUP_TEMPLATE: this descriptor is its own oom_score_adj, open */
#define SETUP_SCORE_BOX "1000" /* what a box has (proc(5): the most) */

struct setup_order {
    int32_t ended;  /* a box to reap, its number in the template's pid namespace; 0: none */
    uint32_t tell;  /* 1: say how it ended */
    uint32_t fork;  /* 1: fork a box */
    uint32_t joins; /* descriptors behind its wire */
};

#define SETUP_UNKNOWN (-1)

enum setup_word_kind { SETUP_BORN = 1, SETUP_ENDED };

struct setup_message {
    uint32_t kind;
    int32_t
        pid; /* of the box, in the template's pid namespace; BORN: or the negative errno of no box */
    int32_t status; /* ENDED: wait(2)'s, or SETUP_UNKNOWN */
    uint32_t zero;
    uint64_t user_us, system_us; /* ENDED: CPU microseconds, wait4(2)'s */
};

/* What a job may change of its box's limits, at its start: never more than the setup said. */
struct setup_job {
    uint64_t arena, instructions;
};

#endif
