/* One row of a system call table, and the macros to write such tables: syscalls.def (what a box may
 * call) and stock/monitor.def (what its monitor may). No code. */
#ifndef PLAN_RULE_H
#define PLAN_RULE_H

#include <seccomp.h>

#define ARGS_MAX 3

struct rule {
    const char *name;
    int nr, level; /* a negative number: not of this processor */
    unsigned argc;
    struct scmp_arg_cmp args[ARGS_MAX];
};

/* Test argument N, from 0. The kernel reads most as 32 bits: EQ may test all 64. */
#define EQ(n, value)         {n, SCMP_CMP_EQ, value, 0}
#define BITS(n, mask, value) {n, SCMP_CMP_MASKED_EQ, mask, value}
#define ARGC(...)            (sizeof((struct scmp_arg_cmp[]){__VA_ARGS__}) / sizeof(struct scmp_arg_cmp))

#define ROW(level, name)               \
    {                                  \
        #name, __SNR_##name, level, 0, \
        {                              \
            {                         \
                0, 0, 0, 0            \
            }                         \
        }                              \
    }
#define ROW_IF(level, name, ...)                       \
    {                                                  \
        #name, __SNR_##name, level, ARGC(__VA_ARGS__), \
        {                                              \
            __VA_ARGS__                                \
        }                                              \
    }

#endif
