/* The form of an export's name: Lua's, keywords too, for a table may have those as members. */
#include "schemas/export.h"

#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

bool export_is_name(const char *text)
{
    size_t n = strspn(text, LETTERS "0123456789");

    return n > 0 && n <= EXPORT_NAME_MAX && !text[n] && strchr(LETTERS, text[0]);
}
