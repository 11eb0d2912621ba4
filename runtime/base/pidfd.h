/* The process behind a pidfd. */
#ifndef BASE_PIDFD_H
#define BASE_PIDFD_H

#include <sys/types.h>

/* Its PID in our PID namespace; 0 if it has none there, -1 if it was reaped. Source: proc(5),
 * /proc/PID/fdinfo. */
pid_t pidfd_number(int pidfd);

/* Its number in /proc, given that it is PID here: /proc may be another PID namespace's, where PID is
 * another process. 0 or -1: it is not shown there. Source: pid_namespaces(7), "/proc and PID
 * namespaces"; proc_pid_fdinfo(5). */
pid_t pidfd_in_proc(int pidfd, pid_t pid);

/* Its namespaces: their names in /proc/PID/ns. */
#define PIDFD_NAMESPACES 8
enum pidfd_namespace { PIDFD_USER };
extern const char *const pidfd_namespaces[PIDFD_NAMESPACES];

/* The inode number of namespace pidfd_namespaces[I] of the process, whose number in /proc is PID; or
 * 0, with errno. Source: ioctl_pidfd(2), PIDFD_GET_*_NAMESPACE; namespaces(7). */
ino_t pidfd_namespace(int pidfd, pid_t pid, unsigned i);

#endif
