/* The memory limit that this process shares with all others in its groups. */
#ifndef CGROUPS_ROOM_H
#define CGROUPS_ROOM_H

#include <stdint.h>

/* In bytes, the least of all groups from its own up; UINT64_MAX: no limit, or unreadable. */
uint64_t cgroups_memory_room(void);

#endif
