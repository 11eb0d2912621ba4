/* Names of capabilities, from capabilities.def. */
#include "schemas/capability.h"

#include <linux/capability.h>
#include <string.h>

const char *const capability_text[CAPABILITY_COUNT] = {
#define CAPABILITY(text) text,
#include "schemas/capabilities.def"
#undef CAPABILITY
};

_Static_assert(CAP_LAST_CAP + 1 == CAPABILITY_COUNT,
               "a new capability belongs in capabilities.def");

int capability_find(const char *name)
{
    for (int i = 0; i < CAPABILITY_COUNT; i++)
        if (strcmp(capability_text[i], name) == 0)
            return i;
    return -1;
}
