/* The kernel's answer to runbox-loopback, runtime/jail/loopback/answer.c: only an acknowledgement of this
 * very request is success. The kernel is trusted; what is not is that every message on that socket is its
 * answer, or whole. */
#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/jail/loopback/answer.h"
#include "tests/fuzz/judge/judge.h"

#define SEQ  1
#define PORT 77

static bool acknowledges(const struct nlmsghdr *head, const struct nlmsgerr *error, size_t n)
{
    return n >= sizeof *head + sizeof *error && head->nlmsg_len <= n &&
           head->nlmsg_len >= sizeof *head + sizeof *error && head->nlmsg_type == NLMSG_ERROR &&
           head->nlmsg_seq == SEQ && head->nlmsg_pid == PORT && error->error == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char *aligned = calloc(n + 1, 1); /* as the buffer of a socket is */
    int r;

    must(aligned, "no memory");
    memcpy(aligned, data, n);
    errno = 0;
    r = loopback_answer(aligned, n, SEQ, PORT);
    must(r == 0 || (r == -1 && errno), "%d, errno %d", r, errno);
    must((r == 0) == acknowledges((void *)aligned, (void *)(aligned + NLMSG_HDRLEN), n),
         "%d, which it is not", r);
    free(aligned);
    return 0;
}
