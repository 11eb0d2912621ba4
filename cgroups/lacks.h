/* The last part of cgroups_probe(). */
#ifndef CGROUPS_LACKS_H
#define CGROUPS_LACKS_H

#include "cgroups/cgroups.h"

/* Fill in .lacks of *C, whose directories are known. Where nothing there shows what a group will have,
 * as in v2's root without children, the limits' files are taken for there. */
void lacks_find(struct cgroups *c);

/* From now on it makes a group there to look at, and removes it, if memory is handed down to groups there;
 * with HAND_DOWN, for whoever will make groups, it has it handed down. */
void lacks_allow_try(bool hand_down);

#endif
