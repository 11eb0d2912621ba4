/* What all kinds of caller share: room, draining, release. */
#include "runtime/caller/caller.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "runtime/caller/artifacts.h"

/* With more unwritten output than this, the box's wire is not read: the box waits,
 * not the monitor. */
#define ROOM_BYTES (256 * 1024)

bool caller_has_room(const struct caller *c)
{
    return !c->held && (!c->queued || *c->queued < ROOM_BYTES) &&
           sink_waiting(&c->out) < (c->pressed ? 1 : ROOM_BYTES) &&
           sink_waiting(&c->err) < ROOM_BYTES;
}

int caller_drain(struct caller *c, int signals, int timeout_ms)
{
    for (;;) {
        struct pollfd p[3] = {{.fd = signals, .events = POLLIN}};
        nfds_t n = 1;

        sink_flush(&c->out);
        sink_flush(&c->err);
        if (sink_waiting(&c->out))
            p[n++] = (struct pollfd){.fd = c->out.fd, .events = POLLOUT};
        if (sink_waiting(&c->err))
            p[n++] = (struct pollfd){.fd = c->err.fd, .events = POLLOUT};
        if (n == 1)
            return 0;
        int ready = poll(p, n, timeout_ms);

        if (ready == 0 || (ready < 0 && errno != EINTR) || p[0].revents)
            return -1;
    }
}

int caller_output(const struct caller *c, struct fault *why)
{
    int err = c->out.broken ? c->out.broken : c->err.broken;

    if (err == EPIPE)
        return fault_set(why, STATUS_CANCELLED, 0, "output", "the caller closed its end");
    if (!err && (c->out.lost || c->err.lost))
        err = ENOMEM;
    if (!err)
        return 0;

    const bool out = c->out.broken || (!c->err.broken && c->out.lost);
    const char *name = c->out.fd == STDOUT_FILENO ? "stdout" : "output"; /* of a server's peer */

    return fault_set(why, STATUS_SETUP, err, out ? name : "stderr", "writing");
}

void caller_free(struct caller *c)
{
    lines_close(&c->lines);
    str_free(&c->out.pending);
    str_free(&c->err.pending);
    artifacts_free(c->artifacts);
    c->artifacts = NULL;
}
