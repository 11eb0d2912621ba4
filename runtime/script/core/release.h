/* Which Lua this is. Some files know more of Lua than its manual says: where a state counts
 * instructions (lib/count.c), bytecode (check/), the size of a stack (core/deep.c), that the seed of
 * hashes is drawn from time(3) (arena/heap.h). All that is the same in the sources of the releases
 * named here, and `make check` passes with some of them; a release outside needs both looked at. */
#ifndef SCRIPT_CORE_RELEASE_H
#define SCRIPT_CORE_RELEASE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define RELEASE_FIRST 50404
#define RELEASE_LAST  50409

/* Whether the Lua linked is the one whose headers were compiled. If not, OUT, of SIZE bytes, says
 * so. */
bool release_fits(char *out, size_t size);

#endif
