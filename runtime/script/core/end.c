/* How the process ends: the last lines, then _exit(2). The state is never closed: a finished
 * script's finalizers do not run, and the kernel frees its memory. Needs no memory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/script/core/box.h"

#define SETUP_STATUS 125

/* Until the start line, the broker inspects this process and takes its listener, if any: if it exited
 * before that, its setup would count as failed, whatever it had reported. */
static void await_start(struct box *b)
{
    char byte;

    while (b->awaited && !b->wire.heard && read(0, &byte, 1) < 0 && errno == EINTR)
        ;
    b->awaited = false;
}

static _Noreturn void leave(struct box *b, int status)
{
    if (b->boot.head.flags & SETUP_FILES)
        fflush(NULL); /* what a script wrote to files that it did not close */
    _exit(status);
}

static void say_setup(struct box *b, const struct setup_ready *word, const char *text)
{
    struct setup_ready said = *word;

    strncat(said.text, text, sizeof said.text - 1);
    wire_bytes(&b->wire, &said, sizeof said);
}

void box_say_ready(struct box *b, int listener, uint64_t address)
{
    struct setup_ready word = {.state = SETUP_READY, .listener = listener, .address = address};

    b->awaited = listener != -1;
    b->ready = true;
    say_setup(b, &word, "");
}

/* Another process sees this one's CPU time as of the kernel's last tick, unless this process reads
 * its own clock: a template's box does, since the monitor reads its CPU time on the Exit event. */
static void publish_clock(const struct box *b)
{
    struct timespec unused;

    if (b->boot.head.flags & SETUP_TEMPLATE)
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &unused);
}

_Noreturn void box_exit_ok(struct box *b)
{
    publish_clock(b);
    wire_json(&b->wire, "{\"Exit\":\"Ok\"}", "", 0, "");
    leave(b, 0);
}

_Noreturn void box_exit_error(struct box *b, const char *text, size_t n)
{
    if (!b->ready)
        box_exit_setup(b, text);
    await_start(b);
    publish_clock(b);
    wire_cut(&b->wire, "{\"Exit\":{\"Err\":\"", text, n, "\"}}");
    leave(b, 1);
}

_Noreturn void box_exit_limit(struct box *b, const char *name, const char *text)
{
    char head[64] = "{\"Limit\":{\"name\":\"";

    if (!b->ready) {
        say_setup(b, &(struct setup_ready){.state = SETUP_TOO_LITTLE_MEMORY}, "");
        leave(b, 1);
    }
    await_start(b);
    strcat(head, name);
    strcat(head, "\",\"text\":\"");
    publish_clock(b);
    wire_cut(&b->wire, head, text, strlen(text), "\"}}");
    leave(b, 1);
}

_Noreturn void box_exit_setup(struct box *b, const char *text)
{
    say_setup(b, &(struct setup_ready){.state = SETUP_FAILED}, text);
    _exit(SETUP_STATUS);
}
