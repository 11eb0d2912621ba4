/* Whether a forbidden call of a box can be named. */
#ifndef HOST_NAMING_H
#define HOST_NAMING_H

#include "schemas/unnamed.h"

/* Why nobody can have the listener of a box's filter; UNNAMED_NO: runbox can. Makes a child only
 * where something shows that it may be refused. */
enum unnamed host_unnamed(void);

/* Load a filter that allows everything, with a listener as a box's has, for this process: 0, or an
 * errno. For check_try(). */
int host_load_listener(int unused);

#endif
