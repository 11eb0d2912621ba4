/* How much memory the groups that this process is in allow it and all others in them. */
#ifndef CGROUPS_ROOM_H
#define CGROUPS_ROOM_H

#include <stdint.h>

/* Bytes, the least of all groups from its own up; UINT64_MAX where none is limited or that cannot be read. */
uint64_t cgroups_memory_room(void);

#endif
