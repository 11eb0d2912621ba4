/* One line of a batch: what to run, and its input (schemas/job.schema.json). */
#ifndef WIRE_JOB_H
#define WIRE_JOB_H

#include <stddef.h>

#include "runtime/wire/caller.h"

#define JOB_ID_MAX 256 /* characters of a string id */

struct job {
    char *id;                   /* as JSON text; NULL: absent */
    char *bundle;               /* a path; NULL: absent */
    struct json_object *limits; /* an object, members unchecked; NULL: absent */
    struct start start;         /* export, arg, options, keyring */
};

/* Parse a line, called WHERE in errors. 0 and *J, or -1 and *WHY (INVALID; SETUP: no memory); *J
 * has the id even if the line is wrong elsewhere. Call job_free() in either case. */
int job_parse(const char *line, size_t n, const char *where, struct job *j, struct fault *why);

/* Overwrites the keys that J holds. */
void job_free(struct job *j);

#endif
