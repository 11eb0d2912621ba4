/* Internal to uri.c and schema/format*.c: the parts of a URI reference, and their characters. */
#ifndef JSON_URI_PARTS_H
#define JSON_URI_PARTS_H

#include <stdbool.h>
#include <stddef.h>

struct part {
    const char *at;
    size_t n;
    bool given; /* an empty part differs from a missing one */
};

struct uri {
    struct part scheme, authority, path, query, fragment;
};

struct uri uri_parse(const char *text, size_t n);

/* Allowed in these parts besides unreserved characters and sub-delims (RFC 3986, 3.2 to 3.5). */
#define USER_MORE     ":"
#define PATH_MORE     ":@/"
#define FRAGMENT_MORE ":@/?"

/* Whether C is unreserved, a sub-delim, or one of MORE. */
bool uri_char(char c, const char *more);

/* Whether AT begins with "%" and two hexadecimal digits. */
bool uri_escape(const char *at, size_t n);
int uri_hex(char c); /* 0 to 15, or -1 */

#endif
