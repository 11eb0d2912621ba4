/* One line of a batch: what to run, with what (schemas/job.schema.json). */
#ifndef WIRE_JOB_H
#define WIRE_JOB_H

#include <stddef.h>

#include "runtime/wire/caller.h"

#define JOB_ID_MAX 256 /* characters of an id that is a text */

struct job {
    char *id;                   /* as JSON text; NULL: absent */
    char *bundle;               /* a path; NULL: absent */
    struct json_object *limits; /* an object, its members not looked at; NULL: absent */
    struct start start;         /* arg, options, keyring */
};

/* Parse a line, called WHERE in errors. 0 and *J, or -1 with *WHY (INVALID; SETUP: no memory); of a line that
 * is wrong elsewhere *J has the id all the same. job_free() it in either case. */
int job_parse(const char *line, size_t n, const char *where, struct job *j, struct fault *why);

/* Keys that it holds are overwritten. */
void job_free(struct job *j);

#endif
