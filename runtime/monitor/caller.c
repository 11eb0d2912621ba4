/* What both kinds of caller share: room, draining, release. */
#include "runtime/monitor/caller.h"

#include <poll.h>

#include "runtime/monitor/artifacts.h"

/* Above this much unwritten output the box's wire is left unread: the box waits, not the monitor.
 */
#define ROOM_BYTES (256 * 1024)

bool caller_has_room(const struct caller *c)
{
    return sink_waiting(&c->out) < ROOM_BYTES && sink_waiting(&c->err) < ROOM_BYTES;
}

void caller_drain(struct caller *c, int timeout_ms)
{
    for (;;) {
        struct pollfd p[2];
        nfds_t n = 0;

        sink_flush(&c->out);
        sink_flush(&c->err);
        if (sink_waiting(&c->out))
            p[n++] = (struct pollfd){.fd = c->out.fd, .events = POLLOUT};
        if (sink_waiting(&c->err))
            p[n++] = (struct pollfd){.fd = c->err.fd, .events = POLLOUT};
        if (n == 0 || poll(p, n, timeout_ms) <= 0)
            return;
    }
}

void caller_free(struct caller *c)
{
    lines_close(&c->lines);
    str_free(&c->input);
    str_free(&c->out.pending);
    str_free(&c->err.pending);
    artifacts_free(c->artifacts);
    c->artifacts = NULL;
}
