/* Build-time: a seccomp program for a profile whose calls have no bounds on their arguments. The kernel runs a
 * program once for each call number it knows, of each architecture, when the program is loaded (it keeps a
 * bitmap of what is always allowed): that is most of what loading costs, 3 us for each instruction of a
 * straight list here. So numbers are searched for by halves, those above the last one leave first, and the
 * architecture is looked at only where the number would pass. */
#include "runtime/plan/stock/tree.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>

#define CALLS_MAX 64

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Where a leaf's jump goes is known when all is written: 255 stands for "allow", 254 for "deny". */
enum { TO_ALLOW = 255, TO_DENY = 254 };

static void add(struct sock_filter *out, uint32_t *n, unsigned code, uint32_t k, unsigned jt,
                unsigned jf)
{
    out[(*n)++] = (struct sock_filter){(uint16_t)code, (uint8_t)jt, (uint8_t)jf, k};
}

/* The COUNT numbers at NR, sorted. */
static void search(struct sock_filter *out, uint32_t *n, const int *nr, size_t count)
{
    uint32_t branch = *n;
    size_t half = count / 2;

    if (count == 1) {
        add(out, n, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr[0], TO_ALLOW, TO_DENY);
        return;
    }
    add(out, n, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)nr[half], 0, 0);
    search(out, n, nr, half);
    out[branch].jt = (uint8_t)(*n - branch - 1);
    search(out, n, nr + half, count - half);
}

static uint8_t resolved(uint8_t jump, uint32_t at, uint32_t allow, uint32_t deny)
{
    return jump == TO_ALLOW  ? (uint8_t)(allow - at - 1)
           : jump == TO_DENY ? (uint8_t)(deny - at - 1)
                             : jump;
}

int tree_compile(enum profile p, struct sock_filter **program, uint32_t *count, struct fault *why)
{
    struct sock_filter *out = calloc(2 * CALLS_MAX + 8, sizeof *out);
    int nr[CALLS_MAX];
    size_t calls = 0;
    uint32_t n = 0, first, last;
    const char *name;
    bool bounded = false;

    for (size_t at = 0; calls < CALLS_MAX && (name = rules_next(p, &at, &bounded)) && !bounded;)
        nr[calls++] = seccomp_syscall_resolve_name(name);
    if (!out || !calls || calls == CALLS_MAX || bounded) {
        free(out);
        return fault_set(why, STATUS_SETUP, 0, "tree", "only for a few calls without bounds");
    }
    qsort(nr, calls, sizeof *nr, by_number);
    add(out, &n, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    first = n;
    add(out, &n, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)nr[calls - 1], TO_DENY, 0);
    search(out, &n, nr, calls);
    last = n;
    add(out, &n, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    add(out, &n, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 1);
    add(out, &n, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    add(out, &n, BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF, 0, 0);
    for (uint32_t i = first; i < last; i++) {
        out[i].jt = resolved(out[i].jt, i, last, n - 1);
        out[i].jf = resolved(out[i].jf, i, last, n - 1);
    }
    *program = out;
    *count = n;
    return 0;
}
