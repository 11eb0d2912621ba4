/* The errors in a document: every failure of one pass, each with its place, its JSON pointer and
 * what would be right. Messages quote the untrusted document with control characters escaped;
 * finding_print() escapes those in pointers. */
#ifndef JSON_FINDING_H
#define JSON_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"
#include "runtime/json/json.h"
#include "schemas/fault.h"

#define FINDINGS_MAX   100        /* further ones are only counted */
#define FINDINGS_BYTES (1u << 20) /* of their texts; likewise */
#define FINDINGS_INNER 8          /* in a list inside a finding; likewise */
#define FINDINGS_DEEP  400        /* in all such lists together, with as many bytes; likewise */

/* The path from a document's root to a value: links on the C stack, printed only if something is
 * wrong there. NULL is the root; a link without a name is an array index. */
struct path {
    const struct path *up;
    const char *name;
    size_t index;
};

/* Append PATH as a JSON pointer (RFC 6901); path_print_below() starts below TOP, a link of PATH. */
void path_print(const struct path *path, struct str *out);
void path_print_below(const struct path *path, const struct path *top, struct str *out);

struct finding {
    struct json_place place; /* line 0: not known (yet) */
    char *pointer;           /* to the value in the document; "" is the whole */
    char *schema;            /* to the keyword in the schema; "" if there is none */
    char *message;
    char *way;               /* to the keyword, through references; NULL: the same as .schema */
    char *absolute;          /* URI of the keyword; NULL if the schema has no $id */
    bool of_name;            /* the member's name is wrong, not its value */
    bool is_empty;           /* an empty object stands where an array may */
    unsigned far;            /* how far the document is from what is right: see explain.c */
    size_t bytes;            /* of its texts */
    size_t alternative;      /* that fails so, from 1; 0: this is in no list of alternatives */
    struct findings *within; /* why each alternative fails, or all failures of one; NULL: none */
};

struct findings { /* zero-initialised: empty */
    struct finding *item;
    size_t count;
    size_t bytes;            /* of their texts */
    size_t deep, deep_bytes; /* of those within these */
    size_t more;             /* findings beyond these bounds */
    struct findings *outer;  /* of a list that is being made: the one whose bounds it shares */
    bool no_memory;
    bool stopped; /* a signal came before the end: the list is incomplete */
};

void findings_free(struct findings *f); /* and zeroes *F */

/* Whether there are findings, memory ran out on the way, or a signal stopped the pass. */
bool findings_any(const struct findings *f);

/* Whether F is full: then count one more finding, which need not be worded. */
bool findings_full(struct findings *f);

/* Add one; SCHEMA may be NULL, OF_NAME is as in struct finding. */
void findings_add(struct findings *f, const struct path *path, const char *schema, bool of_name,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Set the .way and .absolute of the last finding, which was just added: their texts become its own. */
void findings_set_way(struct findings *f, struct str *way, struct str *absolute);

/* Append ": HINT" to the message of the first finding, if there is one. */
void findings_hint(struct findings *f, const char *hint);

/* An empty list to be put within a finding of F. */
struct findings findings_inner(struct findings *f);

/* Move the first finding of FROM to the end of F, another inner list of the same one. */
void findings_move(struct findings *f, struct findings *from);

/* Put LIST, an inner one, within the last finding of F. LIST is empty then. */
void findings_put_within(struct findings *f, struct findings *list);

/* Add the one finding for a TEXT that json_read() rejected. */
struct json_error;
void findings_unread(struct findings *f, const char *text, size_t n, const struct json_error *e);

/* Fill in unknown places from TEXT, which json_check() accepted, and sort by place. */
void findings_locate(struct findings *f, const char *text, size_t n);

/* Add N to the line of each known place. */
void findings_shift(struct findings *f, unsigned n);

/* Append "WHERE:LINE:COLUMN: POINTER: MESSAGE", without unknown parts, and without a newline. */
void finding_print(const struct finding *one, const char *where, struct str *out);

/* Call EACH for ONE and all within it, each behind what it is in, and LABEL says of what: "" or
 * "alternative 2: ". False if memory ran out, or EACH returned it. */
typedef bool finding_visit(void *of, const struct finding *one, const char *label);
bool finding_walk(const struct finding *one, const char *label, finding_visit *each, void *of);

/* Append the findings as JSON Schema's output format "detailed" (core, 12.4.3) nests them, one line
 * without a newline: {"valid":true}, or false and "errors", each with its location in the instance
 * and in the schema, a text, and "errors" of its own. Sets OUT->failed if memory ran out, now or
 * before. */
void findings_detailed(const struct findings *f, struct str *out);

/* Set *WHY to the first finding at WHERE, the file's name, plus line and column, and to what the
 * nearest alternatives lack. Returns -1. */
int findings_fault(const struct findings *f, const char *where, struct fault *why);

/* The same for ONE. */
int finding_fault(const struct finding *one, const char *where, struct fault *why);

#endif
