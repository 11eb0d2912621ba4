/* Read back a result line of a batch (schemas/result.schema.json): its job and its status. */
#ifndef WIRE_RESULT_H
#define WIRE_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"
#include "schemas/status.h"

struct result_head {
    const char *id; /* in the line, JSON text, .id_len bytes; "null": the line was no job */
    size_t id_len;
    uint64_t line; /* if the id is null; else 0 */
    enum status status;
};

/* 0, or -1 if LINE is not a result. */
int result_head(const char *line, size_t n, struct result_head *head);

/* Append a job's key: equal for every spelling of one id, different for different ids. ID is JSON
 * text that a scanner has accepted: a string or an integer; for null, LINE is used instead. */
void result_key(const char *id, size_t n, uint64_t line, struct str *key);

#endif
