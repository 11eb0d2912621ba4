/* The table of system calls of fault.c, and the object of a call about to be made. Reads the memory
 * of the stopped process that makes it; changes nothing. */
#include "tests/tools/fault/calls.h"

#include <errno.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define CALL(name, object, ...) {__SNR_##name, #name, OBJECT_##object, {__VA_ARGS__}},
static const struct fault_call calls[] = {
#include "tests/tools/fault/calls.def"
};
#undef CALL

const struct fault_call *fault_call(int number)
{
    static const struct fault_call unknown = {-1, "other", OBJECT_NOTHING, {ENOSYS, EPERM}};

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (calls[i].number == number)
            return &calls[i];
    return &unknown;
}

size_t fault_errors(const struct fault_call *c)
{
    size_t n = 0;

    while (n < FAULT_ERRORS && c->errors[n])
        n++;
    return n;
}

int fault_error(const struct fault_call *c, const uint64_t *args, unsigned long k)
{
    size_t count = fault_errors(c);

    if (c->number == SYS_futex && args[1] == FUTEX_WAKE)
        return 0;
    return count ? c->errors[k % count] : 0;
}

/* Replace each number in TEXT by '#', and bytes that are not printable by '?'. */
static void tidy(char *text)
{
    char *to = text;

    for (char *at = text; *at; at++) {
        if (*at >= '0' && *at <= '9') {
            if (to > text && to[-1] == '#')
                continue;
            *to++ = '#';
        } else {
            *to++ = *at > ' ' && *at < 0x7f ? *at : '?';
        }
    }
    *to = '\0';
}

static void text_at(pid_t pid, uint64_t address, char *text, size_t size)
{
    struct iovec here = {text, size - 1};
    struct iovec there = {(void *)(uintptr_t)address, size - 1};
    const size_t page = (size_t)getpagesize(), to_end = page - address % page;
    ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

    if (n < 0) { /* the text may lie at the end of a mapping */
        there.iov_len = here.iov_len = to_end < size ? to_end : size - 1;
        n = process_vm_readv(pid, &here, 1, &there, 1, 0);
    }
    text[n < 0 ? 0 : n] = '\0';
}

static void file_at(pid_t pid, uint64_t fd, char *text, size_t size)
{
    char link[64];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/%d/fd/%d", pid, (int)fd);
    n = readlink(link, text, size - 1);
    text[n < 0 ? 0 : n] = '\0';
}

void fault_object(pid_t pid, const struct fault_call *c, const uint64_t *args, char *text,
                  size_t size)
{
    text[0] = '\0';
    if (c->object == OBJECT_PATH1 || c->object == OBJECT_PATH2)
        text_at(pid, args[c->object == OBJECT_PATH2], text, size);
    if (c->object == OBJECT_FD || (c->object == OBJECT_PATH2 && !text[0]))
        file_at(pid, args[0], text, size);
    if (c->object == OBJECT_NUMBER1 || c->object == OBJECT_NUMBER2) {
        snprintf(text, size, "%d", (int)args[c->object == OBJECT_NUMBER2]);
        return;
    }
    tidy(text);
    if (!text[0])
        snprintf(text, size, "-");
}
