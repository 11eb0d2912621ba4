/* Fields of a struct that a hostile sender sets by name, for order.c and message.c. */
#ifndef TOOLS_FIELD_H
#define TOOLS_FIELD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct field {
    const char *name;
    void *at;
    size_t size;
};

/* Set the field NAME, of N fields, to VALUE: a number, or of a longer field a text; "full" fills that without a
 * NUL. An unknown name ends the program. */
static inline void field_set(const struct field *fields, size_t n, const char *name,
                             const char *value)
{
    uint64_t number = strtoull(value, NULL, 0);

    while (n && strcmp(fields->name, name) != 0)
        n--, fields++;
    if (n == 0)
        exit(2);
    if (fields->size <= sizeof number)
        memcpy(fields->at, &number, fields->size);
    else if (strcmp(value, "full") == 0)
        memset(fields->at, 'a', fields->size);
    else
        strncpy(fields->at, value, fields->size - 1);
}

#endif
