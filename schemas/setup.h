/* The first bytes that a box reads, from its only descriptor (0, a stream socket), in two parts.
 * Native byte order: writer and reader come from one build on one machine. A text is a uint32_t
 * length, then that many bytes, no NUL.
 *
 * The first part is the broker's, which the box trusts; it is read before the filter is loaded:
 *
 *   struct setup                       fixed header
 *   struct sock_filter[filter_count]   the seccomp program (8 bytes each, <linux/filter.h>)
 *   struct setup_rlimit[rlimit_count]  with SETUP_TEMPLATE: what a forked box tightens
 *   sources[source_count]              texts: path ("lib/a.lua"), bytes
 *
 * Then the box loads the filter, with a listener unless SETUP_UNNAMED says that there is none to take
 * it, and answers with a struct setup_ready, or why it could not. What follows is read behind the
 * filter, as it comes. The broker replies with the keys that it has for the run, secret from every
 * other process (where the manifest asks for none, the monitor says so):
 *
 *   struct setup_keys                  fixed header; .bytes follow
 *   keys[key_count]                    texts: namespace, access key, secret key (its length is
 *                                      SETUP_NO_SECRET if there is none)
 *
 * The second part is the monitor's, which has parsed the manifest; it is .texts bytes long:
 *
 *   struct setup_texts                 fixed header
 *   name, version, entry, main         texts ("main" is the path of the main source)
 *   calls[call_count]                  texts: methods that the script may call
 *   env[env_count]                     texts: name, value
 *
 * Next the box reads the start line: JSON, '\n'.
 *
 * With SETUP_TEMPLATE it opens Lua's libraries, loads a filter that allows what its boxes' filter
 * does and its own system calls, and reports that it is ready, without a listener. From then on its
 * descriptor carries orders and messages instead of lines. A struct setup_order may name a box that
 * has ended: the template reaps it and, if asked to tell, sends a struct setup_message SETUP_ENDED.
 * Then, if the order comes with descriptors (SCM_RIGHTS: the box's wire, then cgroup files to write
 * "0" to), it forks a box and sends SETUP_BORN with the box's pidfd. The box joins, loads the filter
 * of the setup and reports on its own wire that it is ready; there it then reads its keys, a struct
 * setup_job, the second part and its start line. */
#ifndef SCHEMAS_SETUP_H
#define SCHEMAS_SETUP_H

#include <stdint.h>

#define SETUP_MAGIC 0x31584f424e5552ull /* "RUNBOX1" */

#define WIRE_LINE_MAX    (1u << 20) /* bytes of one line in either direction, its newline included */
#define STDIO_MOST       65536u     /* bytes of standard input or output that cross at once */
#define STDIO_READ_LEAST 4          /* ... that may be asked for: any character fits */
#define WIRE_CALLS_DEEP  16 /* calls and callbacks open at once, each nested in the last; even */

/* The unit of an arena's size and of what lies in it. A unit of its own: no processor's page size is
 * assumed, for the kernel has 4, 16 or 64 KiB on some. */
#define ARENA_PAGE 4096u

#define SETUP_WHERE 256 /* a longer path's line is truncated, and so not reported */

#define SETUP_FILES       1u  /* profile files or network: io.open and the like exist */
#define SETUP_ENTRY_NAMED 2u  /* the manifest named the entry: its absence is an error */
#define SETUP_CHECK       4u  /* compile every source, run none, report findings */
#define SETUP_TEMPLATE    16u /* fork boxes on order */
#define SETUP_UNNAMED     32u /* the filter kills by itself: load it without a listener */
#define SETUP_SANDBOX     8u  /* sn0int's library and events instead of runbox's own */

/* With SETUP_CHECK the start line may have "main", the path of the main source, and "exports", the names
 * that it or a global is to define. The box sends each finding as the text of one Write event, "KIND SOURCE LINE
 * TEXT": a letter, the source's index in the list above, the line (0: none), and TEXT up to the
 * end. */
#define CHECK_BEGUN  'B' /* no finding: from here on SOURCE is being checked */
#define CHECK_SYNTAX 'S' /* the compiler's message */
#define CHECK_GLOBAL 'G' /* a global that is read, in no library, and set by no source */
#define CHECK_FIELD \
    'F' /* the same in a library's table: "- os.execute", or its nearest: "a.b a.c" */
#define CHECK_REQUIRE 'R' /* a module that is not in the bundle */
#define CHECK_MODULE  'M' /* the same of box.std: the message of require */
#define CHECK_PATH    'P' /* package.TEXT is set, which require does not look at */
#define CHECK_CALL    'C' /* box.call of this method */
#define CHECK_KEYRING 'K' /* box.keyring of this namespace */
#define CHECK_OPTION  'O' /* box.options.TEXT is read */
#define CHECK_ENTRY   'E' /* the manifest's entry, set by no source */
#define CHECK_EXPORT  'X' /* an export, which main surely does not define */

struct setup {
    uint64_t magic;
    uint64_t total;        /* bytes of the first part, without this header */
    uint64_t texts;        /* bytes of the second part */
    uint64_t arena;        /* bytes the Lua allocator may use, a multiple of ARENA_PAGE */
    uint64_t instructions; /* VM instructions; UINT64_MAX: no limit */
    uint64_t line_max;     /* bytes of one line of the wire, '\n' included */
    uint32_t flags;
    uint32_t filter_count;
    uint32_t source_count;
    uint32_t prefault; /* bytes of the arena to populate before the filter (saves page faults) */
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

#define SETUP_NO_LISTENER (-2) /* with SETUP_UNNAMED, in a box */

enum setup_state { SETUP_READY = 1, SETUP_FAILED, SETUP_TOO_LITTLE_MEMORY };

struct setup_ready {
    uint32_t state;
    int32_t listener; /* READY: the number of its seccomp listener; -1: none (a template), or
                       * SETUP_NO_LISTENER */
    /* READY, with SETUP_FILES: the address of SETUP_WHERE bytes with the Lua line that last used a
     * file ("main.lua:12", NUL-terminated); else 0 */
    uint64_t address;
    char text[112]; /* FAILED: why, NUL-terminated */
};

struct setup_rlimit {
    uint64_t resource, soft, hard; /* RLIMIT_*; all ones: unlimited */
};

#define SETUP_JOINS 4

#define SETUP_SCORE     1      /* with SETUP_TEMPLATE: descriptor of its own oom_score_adj */
#define SETUP_SCORE_BOX "1000" /* a box's oom_score_adj: the maximum (proc(5)) */

struct setup_order {
    int32_t ended;  /* PID of a box to reap, in the template's PID namespace; 0: none */
    uint32_t tell;  /* 1: report how it ended */
    uint32_t fork;  /* 1: fork a box */
    uint32_t joins; /* cgroup descriptors after its wire */
};

#define SETUP_UNKNOWN (-1)

enum setup_word_kind { SETUP_BORN = 1, SETUP_ENDED };

struct setup_message {
    uint32_t kind;
    int32_t pid;    /* in the template's PID namespace; BORN: or a negative errno */
    int32_t status; /* ENDED: as from wait(2), or SETUP_UNKNOWN */
    uint32_t zero;
    uint64_t user_us, system_us; /* ENDED: CPU microseconds, from wait4(2) */
    uint64_t maxrss;             /* ENDED: KiB, likewise */
};

/* A job may lower its box's limits, at its start: never more than in the setup. */
struct setup_job {
    uint64_t arena, instructions;
};

#endif
