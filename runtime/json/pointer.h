/* JSON pointers (RFC 6901), taken name by name. */
#ifndef JSON_POINTER_H
#define JSON_POINTER_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* Put the first name of *POINTER, which begins with '/', to NAME, and move *POINTER past it. False if it
 * does not fit in SIZE bytes: then NAME is its beginning. */
bool pointer_next(const char **pointer, char *name, size_t size);

/* Set *FOUND to the member or the element NAME of VALUE; false if there is none. */
bool pointer_find(struct json_object *value, const char *name, struct json_object **found);

#endif
