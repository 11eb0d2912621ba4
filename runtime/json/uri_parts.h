/* Inside uri*.c: the parts of a URI reference, and which characters may stand in them. */
#ifndef JSON_URI_PARTS_H
#define JSON_URI_PARTS_H

#include <stdbool.h>
#include <stddef.h>

struct part {
    const char *at;
    size_t n;
    bool given; /* an empty part is not a missing one */
};

struct uri {
    struct part scheme, authority, path, query, fragment;
};

struct uri uri_parse(const char *text, size_t n);

/* What stands in these parts besides unreserved characters and sub-delims (RFC 3986, 3.2 to 3.5). */
#define USER_MORE     ":"
#define PATH_MORE     ":@/"
#define FRAGMENT_MORE ":@/?"

/* C is unreserved, a sub-delim, or one of MORE. */
bool uri_char(char c, const char *more);

/* "%" and two hexadecimal digits stand at AT. */
bool uri_escape(const char *at, size_t n);
int uri_hex(char c); /* 0 to 15, or -1 */

#endif
