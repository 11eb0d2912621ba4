/* A server's statistics on the wire: requested by {"stats":{}} in place of a start line, answered
 * by one line {"Stats":{...}}, without Report or Exit. */
#ifndef WIRE_STATS_H
#define WIRE_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"
#include "schemas/stats.h"

#define STATS_REQUEST "{\"stats\":{}}\n"
#define STATS_MAX     (64u << 20) /* bytes of the answer: more bundles than any server has */

/* Whether LINE is that request. */
bool stats_asked(const char *line, size_t n);

/* Append S as a JSON object. */
void stats_json(const struct stats *s, struct str *out);

/* Parse the answer. 0 and *S (stats_free() it), or -1 and *WHY (PROTOCOL, REFUSED, SETUP). */
int stats_parse(const char *line, size_t n, struct stats *s, struct fault *why);
void stats_free(struct stats *s);

#endif
