/* Loopback in the box's own network namespace: the message is built by the monitor with libmnl,
 * sent by the child over a netlink socket of that namespace. Source: rtnetlink(7), netlink(7). */
#include <dlfcn.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#define LOOPBACK_INDEX \
    1 /* the first device of every network namespace (kernel: LOOPBACK_IFINDEX) */

/* libmnl is opened here and nowhere else: a run that asks for no loopback does not load it. */
int network_prepare(struct jail *j, struct fault *why)
{
    void *mnl = dlopen("libmnl.so.0", RTLD_NOW | RTLD_LOCAL);
    struct nlmsghdr *(*put_header)(void *) = NULL;
    void *(*put_extra)(struct nlmsghdr *, size_t) = NULL;
    struct nlmsghdr *head;
    struct ifinfomsg *link;

    if (mnl) {
        *(void **)&put_header = dlsym(mnl, "mnl_nlmsg_put_header");
        *(void **)&put_extra = dlsym(mnl, "mnl_nlmsg_put_extra_header");
    }
    if (!put_header || !put_extra)
        return fault_set(why, STATUS_SETUP, 0, "network",
                         "loopback needs libmnl.so.0 (apt-get install libmnl0)");
    head = put_header(j->link_up);
    head->nlmsg_type = RTM_NEWLINK;
    head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    link = put_extra(head, sizeof *link);
    *link = (struct ifinfomsg){.ifi_family = AF_UNSPEC,
                               .ifi_index = LOOPBACK_INDEX,
                               .ifi_flags = IFF_UP,
                               .ifi_change = IFF_UP};
    j->link_up_len = head->nlmsg_len;
    return 0;
}

long network_enter(struct jail *j)
{
    long fd = sys3(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), r;
    struct nlmsghdr head;
    struct nlmsgerr answer;

    if (fd < 0)
        return fd;
    r = sys6(SYS_sendto, fd, SYS_ARG(j->link_up), j->link_up_len, 0, 0, 0);
    if (r >= 0)
        r = sys6(SYS_recvfrom, fd, SYS_ARG(j->link_reply), sizeof j->link_reply, 0, 0, 0);
    sys1(SYS_close, fd);
    if (r < 0)
        return r;
    if ((size_t)r < sizeof head + sizeof answer)
        return -EBADMSG;
    memcpy(&head, j->link_reply, sizeof head);
    memcpy(&answer, j->link_reply + sizeof head, sizeof answer);
    return head.nlmsg_type == NLMSG_ERROR ? answer.error : -EBADMSG;
}
