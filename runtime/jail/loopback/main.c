/* runbox-loopback: brings up "lo" in the network namespace of the process behind descriptor 3, a
 * pidfd. Started by the broker for a manifest that asks for network "loopback"; its exit status is
 * 0 or the errno of what failed. The only program linked with libmnl. Source: rtnetlink(7). */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include "runtime/jail/loopback/answer.h"

#define LOOPBACK_INDEX \
    1 /* the first device of every network namespace (kernel: LOOPBACK_IFINDEX) */

static int exchange(struct mnl_socket *nl, struct nlmsghdr *request)
{
    char answer[4096];
    ssize_t n;

    if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
        mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
        return -1;
    n = mnl_socket_recvfrom(nl, answer, sizeof answer);
    return n < 0
               ? -1
               : loopback_answer(answer, (size_t)n, request->nlmsg_seq, mnl_socket_get_portid(nl));
}

int main(void)
{
    char buffer[256];
    struct nlmsghdr *head = mnl_nlmsg_put_header(buffer);
    struct ifinfomsg *link;
    struct mnl_socket *nl;
    int failed;

    head->nlmsg_type = RTM_NEWLINK;
    head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    head->nlmsg_seq = 1;
    link = mnl_nlmsg_put_extra_header(head, sizeof *link);
    *link = (struct ifinfomsg){.ifi_family = AF_UNSPEC,
                               .ifi_index = LOOPBACK_INDEX,
                               .ifi_flags = IFF_UP,
                               .ifi_change = IFF_UP};

    /* Enter the user namespace too: an ordinary user has CAP_NET_ADMIN only there. */
    if (setns(3, CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return errno;
    nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!nl)
        return errno;
    failed = exchange(nl, head) < 0 ? errno : 0;
    mnl_socket_close(nl);
    return failed;
}
