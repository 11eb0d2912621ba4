/* Signals that reload the bundles, or stop the server: runs under way go on, waiting ones are
 * turned away, and a second signal cancels the runs. */
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/json/finding.h"
#include "runtime/monitor/remote.h"
#include "runtime/serve/peer.h"

#define TOLD_TO_STOP "the server was told to stop"

#define GRACE_NS 1000000000ull /* for cancelled runs to end */

void serve_reload(struct server *s)
{
    struct fault why;

    for (unsigned i = 0; i < s->o->bundle_count; i++) {
        s->served[i].revive_after = 0;
        if (tenant_reload(s->served[i].bundle, &why) < 0)
            s->o->say(&why, &(struct findings){0});
    }
}

void serve_reloaded(struct server *s)
{
    struct fault unheard;

    remote_ready(s->o->front, &unheard);
}

void serve_cancel(struct server *s)
{
    s->cancelled = true;
    s->drain_until = s->now + GRACE_NS;
    for (unsigned i = 0; i < s->peer_count; i++) {
        s->cut += s->peers[i]->state == PEER_RUNNING;
        peer_cancel(s->peers[i], s->signo, TOLD_TO_STOP);
    }
}

static void stop(struct server *s, int signo)
{
    if (s->signo) {
        serve_cancel(s);
        return;
    }
    s->signo = signo;
    s->drain_until = s->now + s->o->drain_ns;
    listener_close(s->o->listener);
    door_close(s);
    tenants_stop(s->o->tenants, TOLD_TO_STOP);
    for (unsigned i = 0; i < s->peer_count; i++) {
        struct peer *p = s->peers[i];

        if (p->state == PEER_WAITING)
            peer_cancel(p, signo, TOLD_TO_STOP);
        if (p->state == PEER_IDLE)
            p->state = PEER_CLOSING;
    }
}

void serve_signals(struct server *s)
{
    struct signalfd_siginfo info;

    while (read(s->o->signals, &info, sizeof info) == sizeof info)
        stop(s, (int)info.ssi_signo);
}
