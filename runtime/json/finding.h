/* What is wrong with a document: every failure of one pass, each with its place, its JSON pointer
 * and what would be right. Messages quote the document, untrusted: who prints them makes them
 * visible. */
#ifndef JSON_FINDING_H
#define JSON_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"
#include "runtime/json/json.h"
#include "schemas/fault.h"

#define FINDINGS_MAX   100        /* what comes after is only counted */
#define FINDINGS_BYTES (1u << 20) /* of their texts: the same */

/* A way from the root of a document to a value: links on the C stack, rendered only when something
 * is wrong there. NULL is the root; a link without a name is an array's index. */
struct path {
    const struct path *up;
    const char *name;
    size_t index;
};

/* Append PATH as a JSON pointer (RFC 6901); the second as one that begins at TOP, a link of PATH. */
void path_print(const struct path *path, struct str *out);
void path_print_below(const struct path *path, const struct path *top, struct str *out);

struct finding {
    struct json_place place; /* line 0: not known (yet) */
    char *pointer;           /* of the value in its document; "" is the whole */
    char *schema;            /* of the keyword in the schema; "" where there is none */
    char *message;
    char *way;      /* to the keyword, through references; NULL: the same as .schema */
    char *absolute; /* URI of the keyword; NULL where the schema has no $id */
    bool of_name;   /* the member's name is what is wrong, not its value */
};

struct findings { /* zero-initialised is empty */
    struct finding *item;
    size_t count;
    size_t bytes; /* of their texts */
    size_t more;  /* findings beyond FINDINGS_MAX or FINDINGS_BYTES */
    bool no_memory;
    bool stopped; /* a signal came before the end: what is found is not all */
};

void findings_free(struct findings *f); /* and zeroes *F */

/* Something was found: F is not empty, or memory ran out on the way, or it was told to stop. */
bool findings_any(const struct findings *f);

/* One more would only be counted: then it is, and need not be worded. */
bool findings_full(struct findings *f);

/* Add one; SCHEMA may be NULL, OF_NAME is as in struct finding. */
void findings_add(struct findings *f, const struct path *path, const char *schema, bool of_name,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The one finding of a TEXT that json_read() did not take. */
struct json_error;
void findings_unread(struct findings *f, const char *text, size_t n, const struct json_error *e);

/* Fill the places that are not known from TEXT, which json_check() accepted, and sort by place. */
void findings_locate(struct findings *f, const char *text, size_t n);

/* Append "WHERE:LINE:COLUMN: POINTER: MESSAGE", without what is not known, and without a newline. */
void finding_print(const struct finding *one, const char *where, struct str *out);

/* Append the findings in the output format "basic" of JSON Schema (core, 12.4.2), one line without a
 * newline: {"valid":true}, or false and "errors" with a location in the instance and in the schema, and
 * a text, each. Where memory ran out, now or before, OUT->failed is set. */
void findings_basic(const struct findings *f, struct str *out);

/* The first finding as a fault: WHERE is the file's name, to which line and column are added. -1.
 */
int findings_fault(const struct findings *f, const char *where, struct fault *why);

#endif
