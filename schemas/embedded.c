/* Embeds the schema files unchanged in the program, by the assembler (paths are relative to the top
 * of the tree). Trusted: tests compile each of them. */
#include "schemas/embedded.h"

#include <string.h>

#define OWN          "urn:runbox:schema:"
#define DIALECT      "https://json-schema.org/draft/2020-12/"
#define DIALECT_2019 "https://json-schema.org/draft/2019-09/"

#define EMBED(id, file)                                                       \
    extern const char embedded_##id[], embedded_##id##_end[];                 \
    __asm__(".pushsection .rodata\n"                                          \
            ".global embedded_" #id ", embedded_" #id "_end\n"                \
            ".hidden embedded_" #id ", embedded_" #id "_end\n"                \
            "embedded_" #id ": .incbin \"" file "\"\nembedded_" #id "_end:\n" \
            ".popsection\n");
#define SCHEMA(id, name, file) EMBED(id, file)
#define META(id, uri, file)    EMBED(id, file)
#include "schemas/embedded.def"
#undef SCHEMA
#undef META

const struct embedded embedded_schemas[] = {
#define SCHEMA(id, name, file) {name, embedded_##id, embedded_##id##_end},
#define META(id, uri, file)
#include "schemas/embedded.def"
#undef SCHEMA
#undef META
};

static const struct embedded metas[] = {
#define SCHEMA(id, name, file)
#define META(id, uri, file) {uri, embedded_##id, embedded_##id##_end},
#include "schemas/embedded.def"
#undef SCHEMA
#undef META
};

const size_t embedded_count = sizeof embedded_schemas / sizeof *embedded_schemas;

static const struct embedded *schemas_embedded_find(const struct embedded *list, size_t count,
                                                    const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

const struct embedded *embedded_find(const char *name)
{
    return schemas_embedded_find(embedded_schemas, embedded_count, name);
}

const struct embedded *embedded_uri(const char *uri)
{
    if (strncmp(uri, OWN, strlen(OWN)) == 0)
        return embedded_find(uri + strlen(OWN));
    return schemas_embedded_find(metas, sizeof metas / sizeof *metas, uri);
}
