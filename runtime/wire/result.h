/* Reading back a result line of a batch (schemas/result.schema.json): which job it is of, and how that ended. */
#ifndef WIRE_RESULT_H
#define WIRE_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"
#include "schemas/status.h"

struct result_head {
    const char
        *id; /* inside the line, JSON text, .id_len bytes; "null" where the line was no job */
    size_t id_len;
    uint64_t line; /* with a null id; else 0 */
    enum status status;
};

/* 0, or -1 where LINE is no result. */
int result_head(const char *line, size_t n, struct result_head *head);

/* Append what a job is known by: the same for every spelling of one id, different for any two ids. ID is
 * JSON text that a scanner accepted: a string or an integer; null takes LINE in its place. */
void result_key(const char *id, size_t n, uint64_t line, struct str *key);

#endif
