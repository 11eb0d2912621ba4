/* A box's first message: that it is confined and ready, or why it is not. It comes from runbox's own
 * code, before a byte of the bundle is parsed, but is read like any other. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/jail/box.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/exe.h"

static int take_listener(struct box *box, struct fault *why)
{
    if (box->boxes || box->plan->unnamed) /* a template: each of its boxes has one */
        return 1;
    box->listener = (int)syscall(SYS_pidfd_getfd, box->pidfd, box->ready.listener, 0);
    if (box->listener < 0) {
        fault_set(why, STATUS_SETUP, errno, "seccomp", "taking the box's listener");
        return diagnosis_add(why, "listener");
    }
    box->where = (int64_t)box->ready.address;
    return 1;
}

int box_take_ready(struct box *box, bool *ended, struct fault *why)
{
    struct setup_ready *message = &box->ready;
    ssize_t n = 1;

    while (box->heard < sizeof *message && (n > 0 || errno == EINTR)) {
        n = recv(box->wire, (char *)message + box->heard, sizeof *message - box->heard,
                 MSG_DONTWAIT);
        box->heard += n > 0 ? (size_t)n : 0;
        if (n == 0)
            break;
    }
    *ended = n == 0 || (n < 0 && errno != EAGAIN);
    if (box->heard < sizeof *message)
        return 0;
    message->text[sizeof message->text - 1] = '\0';
    switch (message->state) {
    case SETUP_READY:
        return take_listener(box, why);
    case SETUP_TOO_LITTLE_MEMORY:
        return box_outgrown(box, why);
    default:
        return fault_set(why, STATUS_SETUP, 0, exe_box(), "%s",
                         message->state == SETUP_FAILED ? message->text : "is of another version");
    }
}
