/* The kernel's answer to the one request of runbox-loopback. */
#ifndef JAIL_LOOPBACK_ANSWER_H
#define JAIL_LOOPBACK_ANSWER_H

#include <stddef.h>

/* Check that the N bytes at ANSWER begin with the acknowledgement of request SEQ of PORT: 0.
 * Otherwise -1 with errno: the kernel's own error, or EPROTO where they are no answer to it.
 * Source: netlink(7). */
int loopback_answer(const void *answer, size_t n, unsigned seq, unsigned port);

#endif
