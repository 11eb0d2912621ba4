/* What the front of a fleet orders of its broker (runtime/broker/front.c), and hears of it unasked. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/base/fd.h"
#include "runtime/monitor/remote_parts.h"

static int order_descriptor(struct remote *r, const void *what, size_t n, union answer *a,
                            struct fault *why)
{
    int fd = -1;

    if (remote_order_done(r, what, n, a, &fd, why) < 0)
        return -1;
    if (fd < 0)
        fault_set(why, STATUS_SETUP, EMFILE, "broker", "receiving a socket");
    return fd;
}

int remote_maker(struct remote *r, int index, const char *path, uint32_t *number, struct fault *why)
{
    static struct order_bundle o = {.kind = ORDER_BUNDLE};
    union answer a = {0};
    int fd;

    o.named = index >= 0;
    o.index = index >= 0 ? (uint32_t)index : 0;
    if (strlen(path) >= sizeof o.path)
        return fault_set(why, STATUS_INVALID, ENAMETOOLONG, path, "opening it");
    snprintf(o.path, sizeof o.path, "%s", path);
    fd = order_descriptor(r, &o, sizeof o, &a, why);
    *number = a.done.number;
    return fd;
}

void remote_dismiss(struct remote *r, uint32_t number)
{
    const struct order_dismiss o = {ORDER_DISMISS, number};
    struct fault unheard;
    union answer a;

    remote_order_done(r, &o, sizeof o, &a, NULL, &unheard);
}

int remote_listen(struct remote *r, struct fault *why)
{
    const struct order_plain o = {ORDER_LISTEN};
    union answer a;

    return order_descriptor(r, &o, sizeof o, &a, why);
}

int remote_ready(struct remote *r, struct fault *why)
{
    return remote_order_plain(r, ORDER_READY, why);
}

int remote_page(struct remote *r, int room, const char *text, size_t n, struct fault *why)
{
    if (fd_write_all(room, text, n) < 0)
        return fault_set(why, STATUS_SETUP, errno, "page", "passing it to the broker");
    return remote_order_plain(r, ORDER_PAGE, why);
}

int remote_fd(const struct remote *r)
{
    return r->lost ? -1 : r->socket;
}

void remote_hear(struct remote *r)
{
    union answer a;
    int fd;

    while (remote_take(r, MSG_DONTWAIT, &a, &fd) == 0)
        remote_heard(r, &a);
}

bool remote_reload(struct remote *r)
{
    bool reload = r->reload;

    r->reload = false;
    return reload;
}
