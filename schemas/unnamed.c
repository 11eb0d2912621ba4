/* The texts of unnamed.def. */
#include "schemas/unnamed.h"

#include <stddef.h>

static const struct {
    const char *word, *cause, *cure;
} texts[UNNAMED__COUNT] = {
#define UNNAMED(id, word, cause, cure) [UNNAMED_##id] = {word, cause, cure},
#include "schemas/unnamed.def"
#undef UNNAMED
};

const char *unnamed_word(enum unnamed u)
{
    return texts[u].word;
}

const char *unnamed_cause(enum unnamed u)
{
    return texts[u].cause;
}

const char *unnamed_cure(enum unnamed u)
{
    return texts[u].cure;
}
