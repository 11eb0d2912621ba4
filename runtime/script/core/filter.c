/* The two filters: a box's as it came with the setup, a template's made of that. */
#include "runtime/script/core/filter.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/arch/arch.h"

/* What a template calls and no box may; close(2) where a filter around runbox refuses close_range. */
static const uint32_t own[] = {SYS_clone3,      SYS_wait4,     SYS_recvmsg, SYS_sendmsg, SYS_dup3,
                               SYS_close_range, SYS_prlimit64, SYS_seccomp, SYS_close};
#define OWN (sizeof own / sizeof own[0])

_Static_assert(OWN + 4 <= FILTER_OWN, "two loads, the architecture, and an answer");

static long load(const struct sock_filter *program, size_t n, unsigned flags, const char **why)
{
    struct sock_fprog prog = {.len = (unsigned short)n,
                              .filter = (struct sock_filter *)(uintptr_t)program};
    long r = n > BPF_MAXINSNS ? -1 : syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);

    *why = "cannot load the seccomp filter";
    return r;
}

int filter_load(const struct boot *g, int *listener, const char **why)
{
    *listener = -1;
    if (!g->head.filter_count)
        return 0;
    if (g->head.flags & SETUP_UNNAMED) {
        *listener = SETUP_NO_LISTENER;
        return load(g->filter, g->head.filter_count, 0, why) < 0 ? -1 : 0;
    }
    *listener = (int)load(g->filter, g->head.filter_count, SECCOMP_FILTER_FLAG_NEW_LISTENER, why);
    return *listener < 0 ? -1 : 0;
}

/* On TO: if the call is of this architecture and one of the template's own, allow it. */
static size_t allow_own(struct sock_filter *to)
{
    size_t n = 0;

    to[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    to[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH_AUDIT, 0, OWN + 2);
    to[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < OWN; i++)
        to[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, own[i],
                                               (uint8_t)(OWN - 1 - i), i == OWN - 1);
    to[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

size_t filter_of_template(const struct sock_filter *program, size_t n, struct sock_filter *to)
{
    size_t front = allow_own(to);

    for (size_t i = 0; i < n; i++) {
        to[front + i] = program[i];
        if (program[i].code == (BPF_RET | BPF_K) &&
            (program[i].k == SECCOMP_RET_USER_NOTIF || program[i].k == SECCOMP_RET_KILL_PROCESS))
            to[front + i].k = SECCOMP_RET_TRACE;
    }
    return front + n;
}

int filter_load_template(const struct boot *g, const char **why)
{
    struct sock_filter program[FILTER_OWN + FILTER_MOST];
    size_t n = g->head.filter_count;

    *why = "its filter is too long for a template";
    if (n == 0 || n > FILTER_MOST)
        return -1;
    n = filter_of_template(g->filter, n, program);
    return load(program, n, 0, why) < 0 ? -1 : 0;
}
