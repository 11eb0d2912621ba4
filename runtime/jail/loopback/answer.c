/* Checks whether the kernel did what runbox-loopback asked for. Trusts the
 * kernel's statements, but no length, and no message that is not an answer:
 * only an acknowledgement is success. Does not use libmnl's message walk: a
 * length of 2^31 or more is negative to it, and leads it out of the buffer. */
#include "runtime/jail/loopback/answer.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <string.h>

static int refuse(int error)
{
    errno = error;
    return -1;
}

/* Judge the message at BYTES, whose header is HEAD: an error of 0 is the acknowledgement. */
static int judge(const struct nlmsghdr *head, const char *bytes)
{
    int error;

    if (head->nlmsg_type != NLMSG_ERROR || head->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
        return refuse(EPROTO);
    memcpy(&error, bytes + NLMSG_HDRLEN, sizeof error); /* the first member of struct nlmsgerr */
    return error == 0 ? 0 : refuse(error < 0 && error > INT_MIN ? -error : EPROTO);
}

int loopback_answer(const void *answer, size_t n, unsigned seq, unsigned port)
{
    struct nlmsghdr head;

    if (n < sizeof head)
        return refuse(EPROTO);
    memcpy(&head, answer, sizeof head);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > n)
        return refuse(EPROTO);
    if (head.nlmsg_seq != seq || head.nlmsg_pid != port)
        return refuse(EPROTO);
    return judge(&head, answer);
}
