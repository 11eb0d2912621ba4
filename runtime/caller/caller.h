/* The caller as the monitor sees it: somebody to show events to, who owes replies. Three
 * kinds: a program on JSON lines (json.c), a person (person.c), sn0int (sandbox.c). */
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
    /* Show LOG, WRITE, RETURN or RESULT (E parsed from LINE, N bytes without '\n'). */
    void (*event)(struct caller *c, const struct event *e, const char *line, size_t n);
    /* The box asks (READLINE, TOEND, CALL, ARTIFACT): 1 and a reply line in *REPLY, or 0: owed. */
    int (*request)(struct caller *c, const struct event *e, const char *line, size_t n,
                   struct str *reply);
    /* Input is readable: 1 and the owed reply, or an Invoke, in *REPLY, 0 not yet, -1 and *WHY (INVALID). */
    int (*input)(struct caller *c, struct str *reply, struct fault *why);
    /* Whether input is worth polling for now. */
    bool (*listens)(const struct caller *c);
    /* The end of the run: report and exit, queued. */
    void (*end)(struct caller *c, const struct report *r);
};

struct caller {
    const struct caller_kind *kind;
    int in;
    bool in_eof;
    struct sink out, err;
    bool owed;    /* a request of the box waits for the caller */
    bool pressed; /* its output is taken a line at a time: memory is short */
    enum event_kind owed_kind;
    struct turns *turns;         /* of the run, which owns them */
    struct artifacts *artifacts; /* where --artifacts DIR was given; else NULL */
    struct lines lines;          /* JSON: the caller's lines */
    bool base64;                 /* JSON: the texts of Stdio are base64, both ways */
    int verbose;                 /* -1 quiet, 0, 1 and more: debug lines */
    bool out_tty;
    bool told; /* what ended the run was printed already, where a person reads it */
};

/* Whoever has more to keep of a caller has it as the member `caller` of TYPE: the functions of its kind find the whole by C. */
#define caller_whole(c, type) ((type *)(void *)((char *)(uintptr_t)(c) - offsetof(type, caller)))

/* At a terminal, or behind a pipe: text. */
struct person {
    struct caller caller;
    struct str input; /* bytes of stdin not yet given to the box */
    bool colour;
    bool at_line_start; /* stdout is at the beginning of a line */
};

/* The kinds. Descriptors stay the owner's. */
void caller_json(struct caller *c, int in, int out);
void caller_person(struct person *p, int in, int out, int err, int verbose, bool colour);
void caller_sandbox(struct caller *c, int in, int out, int err); /* sn0int's parent process */
void caller_free(struct caller *c);

/* What one on JSON lines does, for a kind that does some of it in another way. */
void caller_json_event(struct caller *c, const struct event *e, const char *line, size_t n);
int caller_json_request(struct caller *c, const struct event *e, const char *line, size_t n,
                        struct str *reply);
int caller_json_input(struct caller *c, struct str *reply, struct fault *why);
bool caller_json_listens(const struct caller *c);
void caller_json_end(struct caller *c, const struct report *r);

/* Room for more events: when false the box's wire is not read. */
bool caller_has_room(const struct caller *c);

/* Flush both sinks, waiting for a slow reader. 0, or -1 where SIGNALS (a signalfd, or -1) became readable
 * first, or nothing was taken for TIMEOUT_MS (-1: however long). */
int caller_drain(struct caller *c, int signals, int timeout_ms);

/* 0 while all output could be written; else -1 and *WHY: CANCELLED where the reader has gone, SETUP where the
 * disk is full and the like. */
int caller_output(const struct caller *c, struct fault *why);

#endif
