/* The resource limits of getrlimit(2), by name; a box's values are in rlimits.def. */
#ifndef SCHEMAS_RLIMITS_H
#define SCHEMAS_RLIMITS_H

enum rlim {
#define RLIM(id, text, dflt) RLIM_##id,
#include "schemas/rlimits.def"
#undef RLIM
    RLIM__COUNT
};
_Static_assert(RLIM__COUNT == 16, "getrlimit(2) knows 16");

#endif
