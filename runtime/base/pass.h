/* Descriptors that go with the bytes of a message over a Unix socket. Source: unix(7), SCM_RIGHTS;
 * cmsg(3). */
#ifndef BASE_PASS_H
#define BASE_PASS_H

#include <stddef.h>
#include <sys/types.h>

#define PASS_MAX 80 /* descriptors in one message; the kernel allows 253 */

/* Send N bytes, and COUNT descriptors with them, which stay open here. FLAGS: as of send(2). As
 * sendmsg(2) returns. */
ssize_t pass_send(int socket, const void *bytes, size_t n, const int *fds, size_t count, int flags);

/* Receive up to N bytes, and up to *COUNT descriptors (close-on-exec), whose number is stored there;
 * more that were sent are closed. It is less than what was sent, too, where this process may hold no
 * more. As recvmsg(2) returns; then no descriptor has come. What an end has sent before it closed comes
 * first, whatever it left unread. */
ssize_t pass_receive(int socket, void *bytes, size_t n, int *fds, size_t *count, int flags);

#endif
