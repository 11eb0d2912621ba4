/* The schemas' files as they are, put into the program by the assembler (paths are from the top of
 * the tree). Trusted: tests compile each of them. */
#include "schemas/embedded.h"

#include <string.h>

#define META "https://json-schema.org/draft/2020-12/"

#define X(id, name, uri, file)                                                \
    extern const char embedded_##id[], embedded_##id##_end[];                 \
    __asm__(".pushsection .rodata\n"                                          \
            ".global embedded_" #id ", embedded_" #id "_end\n"                \
            ".hidden embedded_" #id ", embedded_" #id "_end\n"                \
            "embedded_" #id ": .incbin \"" file "\"\nembedded_" #id "_end:\n" \
            ".popsection\n");
#include "schemas/embedded.def"
#undef X

const struct embedded embedded[] = {
#define X(id, name, uri, file) {name, uri, embedded_##id, embedded_##id##_end},
#include "schemas/embedded.def"
#undef X
};

const size_t embedded_count = sizeof embedded / sizeof *embedded;

const struct embedded *embedded_find(const char *uri)
{
    for (size_t i = 0; i < embedded_count; i++)
        if (strcmp(embedded[i].uri, uri) == 0)
            return &embedded[i];
    return NULL;
}
