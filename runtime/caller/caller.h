/* The caller as the monitor, or the front, sees it: it is shown events and owes replies. Three kinds
 * are here: a program on JSON lines (json.c), a person (person.c), sn0int (sandbox.c). */
#ifndef CALLER_CALLER_H
#define CALLER_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/caller/sink.h"
#include "runtime/wire/event.h"
#include "runtime/wire/lines.h"
#include "schemas/fault.h"
#include "schemas/report.h"

struct artifacts;
struct caller;
struct turns;

struct caller_kind {
    /* Show an event that needs no reply (E parsed from LINE, N bytes without '\n'). */
    void (*event)(struct caller *c, const struct event *e, const char *line, size_t n);
    /* Output of the box as it is: N bytes. NULL: never for this kind. */
    void (*bytes)(struct caller *c, const char *bytes, size_t n);
    /* The box requests something (READLINE, CALL, ...): 1 and a reply in *REPLY, or 0: owed. */
    int (*request)(struct caller *c, const struct event *e, const char *line, size_t n,
                   struct str *reply);
    /* Input is readable: 1 and the owed reply, or an Invoke, in *REPLY; 0: not yet; -1 and *WHY. */
    int (*input)(struct caller *c, struct str *reply, struct fault *why);
    /* Whether to poll for input now. */
    bool (*listens)(const struct caller *c);
    /* The run has ended: queue report and exit. */
    void (*end)(struct caller *c, const struct report *r);
};

struct caller {
    const struct caller_kind *kind;
    int in;
    bool in_eof;
    struct sink out, err;
    bool owed;            /* a request of the box waits for a reply */
    bool pressed;         /* memory is short: take output one line at a time */
    bool held;            /* whoever passes its output on takes none now */
    const size_t *queued; /* ... or has too much in this queue; NULL: there is none */
    enum event_kind owed_kind;
    uint32_t owed_count;         /* ... READ: up to how many bytes */
    struct turns *turns;         /* owned by the run */
    struct artifacts *artifacts; /* with --artifacts DIR; else NULL */
    struct lines lines;          /* JSON: the caller's lines; all: how .in is read */
    bool base64;                 /* JSON: texts of Stdio are base64, in both directions */
    bool reads;                  /* it answers READ */
    int verbose;                 /* -1 quiet, 0, or 1 and above: debug lines */
    bool out_tty;
    bool told; /* the cause of the end has been printed already, for a person */
};

/* Embed struct caller as the member `caller` of TYPE to keep more per caller; the functions of its
 * kind find the whole from C. */
#define caller_whole(c, type) ((type *)(void *)((char *)(uintptr_t)(c) - offsetof(type, caller)))

/* A person at a terminal, or a shell script: text. */
struct person {
    struct caller caller;
    int result; /* a file for the result; -1: stdout, unless QUIET */
    bool colour;
    bool one;           /* stdout and stderr are one file */
    bool at_line_start; /* stdout is at the start of a line */
    struct str part;    /* terminal: a character's bytes whose rest has not come */
};

/* The kinds. Descriptors stay with their owner. */
void caller_json(struct caller *c, int in, int out);
void caller_person(struct person *p, int in, int out, int err, int verbose, bool colour);
void caller_sandbox(struct caller *c, int in, int out, int err); /* sn0int's parent process */
void caller_free(struct caller *c);

/* Functions of the JSON lines kind, for kinds that change only some of them. */
void caller_json_event(struct caller *c, const struct event *e, const char *line, size_t n);
int caller_json_request(struct caller *c, const struct event *e, const char *line, size_t n,
                        struct str *reply);
int caller_json_input(struct caller *c, struct str *reply, struct fault *why);
bool caller_json_listens(const struct caller *c);
/* The part of caller_json_input() behind its reading. */
int caller_json_lines(struct caller *c, struct str *reply, struct fault *why);
void caller_json_end(struct caller *c, const struct report *r);

/* Whether more events may be queued; while false, the box's wire is not read. */
bool caller_has_room(const struct caller *c);

/* Flush both sinks, waiting for a slow reader. 0, or -1 if SIGNALS (a signalfd, or -1) became
 * readable first, or nothing could be written for TIMEOUT_MS (-1: no timeout). */
int caller_drain(struct caller *c, int signals, int timeout_ms);

/* 0 if all output could be written; else -1 and *WHY: CANCELLED if the reader has closed its end,
 * SETUP if the disk is full or the like. */
int caller_output(const struct caller *c, struct fault *why);

#endif
