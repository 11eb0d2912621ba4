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
    char *way;      /* to the keyword, through references; NULL: the same as .schema */
    char *absolute; /* URI of the keyword; NULL if the schema has no $id */
    bool of_name;   /* the member's name is wrong, not its value */
};

struct findings { /* zero-initialised: empty */
    struct finding *item;
    size_t count;
    size_t bytes; /* of their texts */
    size_t more;  /* findings beyond FINDINGS_MAX or FINDINGS_BYTES */
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

/* Add the one finding for a TEXT that json_read() rejected. */
struct json_error;
void findings_unread(struct findings *f, const char *text, size_t n, const struct json_error *e);

/* Fill in unknown places from TEXT, which json_check() accepted, and sort by place. */
void findings_locate(struct findings *f, const char *text, size_t n);

/* Append "WHERE:LINE:COLUMN: POINTER: MESSAGE", without unknown parts, and without a newline. */
void finding_print(const struct finding *one, const char *where, struct str *out);

/* Append the findings in JSON Schema's output format "basic" (core, 12.4.2), one line without a
 * newline: {"valid":true}, or false and "errors", each with its location in the instance and in the
 * schema, and a text. Sets OUT->failed if memory ran out, now or before. */
void findings_basic(const struct findings *f, struct str *out);

/* Set *WHY to the first finding at WHERE, the file's name, plus line and column. Returns -1. */
int findings_fault(const struct findings *f, const char *where, struct fault *why);

#endif
