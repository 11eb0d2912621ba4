/* The names of a bundle's exports: the functions that a caller may choose. */
#ifndef SCHEMAS_EXPORT_H
#define SCHEMAS_EXPORT_H

#include <stdbool.h>

#define EXPORTS_MAX     1024 /* of one bundle */
#define EXPORT_NAME_MAX 64   /* bytes of a name */

#define EXPORT_NAME_SHAPE "a letter or _, then up to 63 letters, digits and _"

/* Whether TEXT is a name: ^[A-Za-z_][A-Za-z0-9_]{0,63}$. Harmless in any message. */
bool export_is_name(const char *text);

#endif
