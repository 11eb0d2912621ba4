/* The formats that JSON Schema's drafts list (2020-12: validation, 7.3), all of which can be asserted.
 * Any other name is an annotation, always. */
#ifndef JSON_SCHEMA_FORMAT_H
#define JSON_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/meter.h"

/* Check N bytes of UTF-8, untrusted, NUL-terminated. */
typedef bool format_check(const char *text, size_t n);

struct format {
    const char *name;
    format_check *check;
    bool (*counted)(struct meter *m, const char *text,
                    size_t n); /* in its place, if NULL: counts */
    unsigned each;             /* steps of 8 bytes */
    unsigned most;             /* bytes that are charged; 0: all */
};

/* The format NAME, or NULL. Static storage. */
const struct format *format_find(const char *name);

format_check format_date_time, format_date, format_time; /* RFC 3339, 5.6 */
format_check format_duration;                            /* RFC 3339, appendix A */
format_check format_ipv4, format_ipv6;                   /* RFC 2673, 3.2; RFC 4291, 2.2 */
format_check format_hostname;                            /* RFC 1123, 2.1 */
format_check format_idn_hostname, format_idn_email;      /* RFC 5890; RFC 6531 */
format_check format_uri, format_uri_reference;           /* RFC 3986 */
format_check format_iri, format_iri_reference;           /* RFC 3987 */
format_check format_uri_template;                        /* RFC 6570 */

/* The parts of a mailbox (RFC 5321, 4.1.2 and 4.1.3). WIDE: with characters beyond ASCII. */
bool format_local(const char *text, size_t n, bool wide);
bool format_literal(const char *text, size_t n);

#endif
