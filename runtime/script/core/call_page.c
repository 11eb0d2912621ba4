/* The pinned calls: their page, its filter rules, and its end. Trusts no box to drop the page: the
 * broker checks before the start line. */
#include "runtime/script/core/call_page.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "runtime/arch/arch.h"

#define FILTER_MOST (CALL_PAGE_RULES + 208)

ARCH_CALL_PAGE;

static const uint32_t calls[] = {SYS_clone3, SYS_wait4,       SYS_recvmsg,  SYS_sendmsg,
                                 SYS_dup3,   SYS_close_range, SYS_prlimit64};
#define CALLS (sizeof calls / sizeof calls[0])

long call_page_call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return arch_call_page(number, a, b, c, d);
}

uint64_t call_page_address(void)
{
    return (uint64_t)(uintptr_t)arch_call_at;
}

struct word { /* a word of struct seccomp_data */
    uint32_t offset, value;
};

#define HIGH sizeof(uint32_t)

/* If any of the N words differs, jump MORE instructions past these. Returns the number of
 * instructions. */
static size_t unless(struct sock_filter *to, const struct word *w, size_t n, size_t more)
{
    for (size_t i = 0; i < n; i++) {
        size_t left = 2 * (n - i - 1) + more;

        *to++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, w[i].offset);
        *to++ =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, w[i].value, 0, (uint8_t)left);
    }
    return 2 * n;
}

static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

/* One of the calls, from the page: the filter sees the address after the instruction. */
static size_t from_page(struct sock_filter *to)
{
    uint64_t at = (uint64_t)(uintptr_t)arch_call_behind;
    const struct word words[] = {
        {offsetof(struct seccomp_data, instruction_pointer), (uint32_t)at},
        {offsetof(struct seccomp_data, instruction_pointer) + HIGH, (uint32_t)(at >> 32)},
        {offsetof(struct seccomp_data, arch), ARCH_AUDIT},
    };
    size_t n = unless(to, words, 3, 1 + CALLS + 1);

    to[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < CALLS; i++)
        to[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i],
                                               (uint8_t)(CALLS - 1 - i), i == CALLS - 1);
    to[n++] = allow;
    return n;
}

/* Allow munmap(2) of exactly this page, which serves no other purpose. */
static size_t taking_away(struct sock_filter *to)
{
    const struct word words[] = {
        {offsetof(struct seccomp_data, arch), ARCH_AUDIT},
        {offsetof(struct seccomp_data, nr), SYS_munmap},
        {offsetof(struct seccomp_data, args[0]), (uint32_t)call_page_address()},
        {offsetof(struct seccomp_data, args[0]) + HIGH, (uint32_t)(call_page_address() >> 32)},
        {offsetof(struct seccomp_data, args[1]), ARCH_PAGE},
        {offsetof(struct seccomp_data, args[1]) + HIGH, 0},
    };
    size_t n = unless(to, words, 6, 1);

    to[n++] = allow;
    return n;
}

size_t call_page_rules(struct sock_filter *to)
{
    size_t n = from_page(to);

    return n + taking_away(to + n);
}

int call_page_confine(const struct boot *g, int *listener, const char **why)
{
    struct sock_filter program[FILTER_MOST];
    size_t n = call_page_rules(program);

    *why = "its filter is too long for a template";
    if (g->head.filter_count == 0 || g->head.filter_count > FILTER_MOST - n)
        return -1;
    memcpy(program + n, g->filter, g->head.filter_count * sizeof program[0]);
    return confine(program, n + g->head.filter_count, listener, why);
}

int call_page_unmap(void)
{
    return munmap((void *)(uintptr_t)call_page_address(), ARCH_PAGE);
}
