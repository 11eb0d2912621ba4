/* Which process a pidfd is. */
#ifndef BASE_PIDFD_H
#define BASE_PIDFD_H

#include <sys/types.h>

/* Its number in this pid namespace, or -1 (reaped, or of another). Source: proc(5), /proc/PID/fdinfo. */
pid_t pidfd_number(int pidfd);

#endif
