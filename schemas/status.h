/* How a run ended, as one enum: the report's "status", the exit status, and the kind of a fault. */
#ifndef SCHEMAS_STATUS_H
#define SCHEMAS_STATUS_H

enum status {
#define STATUS(id, text, exit) STATUS_##id,
#include "schemas/statuses.def"
#undef STATUS
    STATUS__COUNT
};

/* The name in the report, e.g. "cpu_time". Static storage. */
const char *status_text(enum status s);

/* The exit status of runbox(1) for S; SIGNO is added for "signal" and "cancelled". */
int status_exit(enum status s, int signo);

#endif
