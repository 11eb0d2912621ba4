/* What the front of `batch` and `serve` reads of a line: whose it is. It steps over all other values
 * and builds none; the bundle's own monitor parses the line (caller.h, job.h). */
#ifndef WIRE_ENVELOPE_H
#define WIRE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "schemas/fault.h"

#define ENVELOPE_NAME 4096 /* bytes of a bundle's name or path that are looked at, at most */

struct envelope {
    char *id;     /* of a job, as in struct job; NULL: absent */
    char *bundle; /* NULL: absent */
    bool limits;  /* a job sets some */
    bool keys;    /* it may hold keys */
    bool reads;   /* of a start line: its caller answers READ (event.h) */
};

/* Look at LINE. 0; 1: it does not say whose it is, being no JSON object, or wrong in what is looked for:
 * start_parse() or job_parse() says why; -1 and *WHY (SETUP: no memory). envelope_free() it in any case. */
int envelope_read(const char *line, size_t n, struct envelope *e, struct fault *why);
void envelope_free(struct envelope *e);

/* Whether LINE, which came while a run is under way, can be a reply: an object that begins as one, or
 * no object. Anything else may be meant for another bundle, and is shown to no monitor. */
bool envelope_is_reply(const char *line, size_t n);

#endif
