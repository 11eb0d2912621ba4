/* The process behind a pidfd. */
#ifndef BASE_PIDFD_H
#define BASE_PIDFD_H

#include <sys/types.h>

/* Its PID in our PID namespace; 0 if it has none there, -1 if it was reaped. Source: proc(5),
 * /proc/PID/fdinfo. */
pid_t pidfd_number(int pidfd);

#endif
