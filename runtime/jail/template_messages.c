/* Orders to a template, and its messages. It is trusted: it has never parsed a byte of a bundle. It
 * says how a box ended only when asked; that a box has ended, the broker sees by itself. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/pass.h"
#include "runtime/base/pidfd.h"
#include "runtime/jail/template_parts.h"

#define PATIENCE_MS 10000 /* in case it is stopped from outside and so sends nothing */
#define MOMENT_MS   1000
#define MS          1000000ull

void template_lost(struct template *t)
{
    t->dead = true;
    for (size_t i = 0; i < t->count; i++)
        box_set_gone(t->child[i], BOX_LOST);
}

static struct box *template_messages_find(const struct template *t, int32_t inside)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->child[i]->inside == inside && !box_is_gone(t->child[i]))
            return t->child[i];
    return NULL;
}

/* The message is about the oldest order that had none yet. */
static void born(const struct template *t, const struct setup_message *message, int *pidfd)
{
    struct box *box = template_messages_find(t, 0);

    if (!box)
        return;
    box->inside = message->pid;
    box->unborn = message->pid < 0 ? -message->pid : 0;
    box->pidfd = steal_fd(pidfd);
    box->pid = message->pid > 0 ? pidfd_number(box->pidfd) : 0;
    box->in_proc = box->pid > 0 ? pidfd_in_proc(box->pidfd, box->pid) : 0;
    if (message->pid > 0 && box->pid <= 0)
        box->unborn = EMFILE; /* its pidfd was lost; it ends with its wire */
    if (box->pid <= 0) {
        box->pid = 0;
        box_set_gone(box, BOX_LOST);
    }
}

static struct timeval time_of(uint64_t us)
{
    return (struct timeval){(time_t)(us / 1000000u), (suseconds_t)(us % 1000000u)};
}

static void ended(const struct template *t, const struct setup_message *message)
{
    struct box *box = template_messages_find(t, message->pid);

    if (!box)
        return;
    box_set_gone(box, message->status);
    box->used.ru_utime = time_of(message->user_us);
    box->used.ru_stime = time_of(message->system_us);
    box->used.ru_maxrss = (long)message->maxrss;
}

bool template_is_dead(const struct template *t)
{
    return t->dead;
}

uint64_t template_due(const struct template *t)
{
    return t->births + t->answers || t->stuffed ? t->since + PATIENCE_MS * MS : UINT64_MAX;
}

void template_kill(struct template *t)
{
    box_kill(t->box);
}

static void heard(struct template *t)
{
    t->since = box_now();
    t->doubted = false;
}

/* A socket is writable while three quarters of its buffer are free. A message is no sign of that:
 * it may answer the first of many orders. */
bool template_has_room(struct template *t)
{
    struct pollfd wire = {.fd = t->box->wire, .events = POLLOUT};

    if (t->untaken < UNTAKEN)
        return true;
    if (poll(&wire, 1, 0) != 0) {
        if (t->stuffed)
            heard(t);
        t->stuffed = false;
        t->untaken = 0;
        return true;
    }
    if (!t->stuffed && t->births + t->answers == 0)
        t->since = box_now();
    t->stuffed = true;
    return false;
}

/* Take one message: 1; 0: none is there; -1: none will come. */
static int take_message(struct template *t)
{
    struct setup_message message;
    autoclose int pidfd = -1;
    size_t count = 1;
    ssize_t n = pass_receive(t->box->wire, &message, sizeof message, &pidfd, &count, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n != (ssize_t)sizeof message)
        return -1;
    heard(t);
    if (message.kind == SETUP_BORN) {
        t->births--;
        born(t, &message, &pidfd);
    } else {
        t->answers--;
        ended(t, &message);
    }
    return 1;
}

/* The same, but wait. Its end is that of its process, not of its wire, whose other side may stay
 * open where a close(2) failed. It is killed if neither comes in time. */
static int await_message(struct template *t)
{
    struct pollfd on[] = {{.fd = t->box->wire, .events = POLLIN},
                          {.fd = t->box->pidfd, .events = POLLIN}};
    int r;

    if (poll(on, 2, PATIENCE_MS) == 0) {
        box_kill(t->box);
        return -1;
    }
    r = take_message(t);
    return r == 0 && on[1].revents ? -1 : r;
}

int template_take(struct template *t, struct fault *why)
{
    int r;

    do
        r = t->dead ? -1 : take_message(t);
    while (r > 0 && t->births + t->answers);
    if (r >= 0)
        return 0;
    template_lost(t);
    return fault_set(why, STATUS_SETUP, 0, "template", "it has died");
}

/* Messages that it has sent and no one has read count. Both processes may have been stopped, and
 * this one have resumed first: then the template gets a moment more. */
int template_hear(struct template *t, struct fault *why)
{
    if (box_now() < template_due(t))
        return 0;
    if (template_take(t, why) < 0)
        return -1;
    if (t->stuffed)
        template_has_room(t);
    if (box_now() < template_due(t))
        return 0;
    if (t->doubted)
        return fault_set(why, STATUS_SETUP, 0, "template", "it does not answer, and was killed");
    t->doubted = true;
    t->since = box_now() - (PATIENCE_MS - MOMENT_MS) * MS;
    return 0;
}

bool template_is_full(struct template *t)
{
    return t->births + t->answers >= UNHEARD / 2 || !template_has_room(t);
}

bool template_stuffed(const struct template *t)
{
    return t->stuffed;
}

/* Without memory to remember it, the child stays a zombie until the template exits. */
static void note_ended(struct template *t, int32_t inside)
{
    if (t->ended_count == t->ended_room) {
        size_t room = t->ended_room ? 2 * t->ended_room : 16;
        int32_t *more = reallocarray(t->ended, room, sizeof *more);

        if (!more)
            return;
        t->ended = more;
        t->ended_room = room;
    }
    t->ended[t->ended_count++] = inside;
}

int template_send(struct template *t, const struct setup_order *order, const int *fds,
                  struct fault *why)
{
    ssize_t sent = -1;

    /* A template with too many unread messages takes no orders, and both sides would wait. */
    if (t->births + t->answers >= UNHEARD || !template_has_room(t))
        errno = EAGAIN;
    else
        sent = pass_send(t->box->wire, order, sizeof *order, fds, fds ? 1 + order->joins : 0,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent != (ssize_t)sizeof *order) {
        fault_set(why, STATUS_SETUP, errno, "template", "sending it an order");
        if (why->err == EPIPE || why->err == ECONNRESET)
            template_lost(t);
        else if (order->ended && !order->tell) /* only this order was not taken */
            note_ended(t, order->ended);
        return -1;
    }
    t->untaken++;
    if (t->births + t->answers == 0)
        heard(t);
    t->births += order->fork;
    t->answers += order->tell;
    return 0;
}

int32_t template_next_ended(struct template *t)
{
    return t->ended_count ? t->ended[--t->ended_count] : 0;
}

int template_reap(struct template *t, struct fault *why)
{
    while (t->ended_count && !t->dead && template_has_room(t))
        if (template_send(t, &(struct setup_order){.ended = template_next_ended(t)}, NULL, why) < 0)
            return -1;
    return 0;
}

int template_ask(struct box *box, struct fault *why)
{
    const struct setup_order order = {.ended = box->inside, .tell = 1};

    if (box->ending >= BOX_ASKED)
        return 0;
    if (template_send(box->template, &order, NULL, why) == 0) {
        box->ending = BOX_ASKED;
        return 0;
    }
    if (why->err == EAGAIN) {
        box->ending = BOX_UNASKED;
        return 0;
    }
    /* No message of its end will come; a later order names it, to be reaped. */
    note_ended(box->template, box->inside);
    box_set_gone(box, BOX_LOST);
    return -1;
}

/* Kill it if alive, and keep its number for a later order; but not if it stays alive, as the
 * template would wait for it. */
static void end_child(struct template *t, struct box *box)
{
    if (box->ending == BOX_ASKED)
        return;
    if (!box_has_ended(box)) {
        box_kill(box);
        if (box_await(box) < 0) {
            box_set_gone(box, BOX_LOST);
            return;
        }
    }
    note_ended(t, box->inside);
    box_set_gone(box, BOX_LOST);
}

void template_forget(struct box *box)
{
    struct template *t = box->template;
    size_t i = 0;

    while (t && !box_is_gone(box)) {
        if (box->pidfd >= 0)
            end_child(t, box);
        if (!box_is_gone(box) && await_message(t) < 0)
            template_lost(t);
    }
    box->pid = 0;
    while (t && i < t->count && t->child[i] != box)
        i++;
    for (; t && i + 1 < t->count; i++)
        t->child[i] = t->child[i + 1];
    if (t)
        t->count--;
}
