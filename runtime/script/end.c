/* How the process ends: the last lines, then _exit(2). The state is never closed: finalizers of a
 * script that is over do not run, and what it held is the kernel's to clear. Needs no memory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/script/box.h"

#define SETUP_STATUS 125

/* Before the start line the monitor still looks at this process, and takes its listener: one that was gone by
 * then would be a failed setup, whatever it had said. */
static void await_start(struct box *b)
{
    char byte;

    while (b->awaited && !b->wire.heard && read(0, &byte, 1) < 0 && errno == EINTR)
        ;
    b->awaited = false;
}

static _Noreturn void leave(struct box *b, int status)
{
    if (b->given.head.flags & SETUP_FILES)
        fflush(NULL); /* what a script wrote to files that it did not close */
    _exit(status);
}

/* Digits of N, the last of them before END. Returns where they begin. */
static char *digits(char *end, uint64_t n)
{
    do
        *--end = (char)('0' + n % 10);
    while (n /= 10);
    return end;
}

/* Without printf(3), which nothing else of a short run calls: it lies on pages of its own. */
void box_say_ready(struct box *b, int listener, uint64_t address)
{
    char text[48], *end = text + sizeof text, *at = end;

    if (address) {
        *--at = ']';
        at = digits(at, address);
        *--at = ',';
    }
    at = digits(at, (uint64_t)(listener < 0 ? -(int64_t)listener : listener));
    if (listener < 0)
        *--at = '-';
    if (address)
        *--at = '[';
    b->awaited = listener >= 0;
    wire_json(&b->wire, "{\"Ready\":", at, (size_t)(end - at), "}");
}

/* What others see of a running process's CPU time is as old as the kernel's last tick, unless that process asks for it: a
 * template's child does, for its monitor reads it when the Exit comes. */
static void settle_clock(const struct box *b)
{
    struct timespec unused;

    if (b->given.head.flags & SETUP_TEMPLATE)
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &unused);
}

_Noreturn void box_exit_ok(struct box *b)
{
    settle_clock(b);
    wire_json(&b->wire, "{\"Exit\":\"Ok\"}", "", 0, "");
    leave(b, 0);
}

_Noreturn void box_exit_error(struct box *b, const char *text, size_t n)
{
    await_start(b);
    settle_clock(b);
    wire_cut(&b->wire, "{\"Exit\":{\"Err\":\"", text, n, "\"}}");
    leave(b, 1);
}

_Noreturn void box_exit_limit(struct box *b, const char *name, const char *text)
{
    char head[64] = "{\"Limit\":{\"name\":\"";

    await_start(b);
    strcat(head, name);
    strcat(head, "\",\"text\":\"");
    settle_clock(b);
    wire_cut(&b->wire, head, text, strlen(text), "\"}}");
    leave(b, 1);
}

_Noreturn void box_exit_setup(struct box *b, const char *text)
{
    wire_cut(&b->wire, "{\"Exit\":{\"SetupFailed\":\"", text, strlen(text), "\"}}");
    _exit(SETUP_STATUS);
}
