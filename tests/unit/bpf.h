/* A small classic-BPF interpreter, for tests of seccomp programs. */
#ifndef TESTS_BPF_H
#define TESTS_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

#include "runtime/plan/filter.h"
#include "tests/processor.h"

#define NUMBERS 600 /* above every number of this kernel's table */

static const struct foreign foreign_archs[] = FOREIGN_ARCHS;

#define FOREIGN_COUNT (sizeof foreign_archs / sizeof foreign_archs[0])

/* As kernel/seccomp.c and net/core/filter.c run what libseccomp makes. UINT32_MAX: not such a
 * program. */
static inline uint32_t bpf_run(const struct filter *f, const struct seccomp_data *data)
{
    const char *bytes = (const char *)data;
    uint32_t a = 0;

    for (uint32_t pc = 0; pc < f->count; pc++) {
        const struct sock_filter *i = &f->program[pc];

        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (i->k > sizeof *data - 4)
                return UINT32_MAX;
            memcpy(&a, bytes + i->k, 4);
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= i->k;
            break;
        case BPF_JMP | BPF_JA:
            pc += i->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            pc += a == i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            pc += a >= i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            pc += a > i->k ? i->jt : i->jf;
            break;
        case BPF_RET | BPF_K:
            return i->k;
        default:
            return UINT32_MAX;
        }
    }
    return UINT32_MAX;
}

#endif
