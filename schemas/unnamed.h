/* Why a box's forbidden system call is not named: no process can take the listener of its filter, which
 * kills it instead. */
#ifndef SCHEMAS_UNNAMED_H
#define SCHEMAS_UNNAMED_H

enum unnamed {
    UNNAMED_NO, /* it is named */
#define UNNAMED(id, word, cause, cure) UNNAMED_##id,
#include "schemas/unnamed.def"
#undef UNNAMED
    UNNAMED__COUNT
};

const char *unnamed_word(enum unnamed u); /* for programs; NULL for UNNAMED_NO, as of the others */
const char *unnamed_cause(enum unnamed u);
const char *unnamed_cure(enum unnamed u);

#endif
