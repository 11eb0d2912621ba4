/* The formats that can be asserted (JSON Schema validation, 7.3): date-time, date, time, duration,
 * email, hostname, ipv4, ipv6, uri, uri-reference, uuid, json-pointer, relative-json-pointer,
 * regex. Any other name is an annotation, always. */
#ifndef JSON_SCHEMA_FORMAT_H
#define JSON_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* Check N bytes of UTF-8, untrusted, NUL-terminated. */
typedef bool format_check(const char *text, size_t n);

/* The check for the format NAME, or NULL. */
format_check *format_find(const char *name);

format_check format_date_time, format_date, format_time; /* RFC 3339, 5.6 */
format_check format_duration;                            /* RFC 3339, appendix A */
format_check format_ipv4, format_ipv6;                   /* RFC 2673, 3.2; RFC 4291, 2.2 */

#endif
