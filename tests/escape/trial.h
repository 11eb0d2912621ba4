/* Which system calls a sweep tries in a kind of box, and what must become of each. */
#ifndef ESCAPE_TRIAL_H
#define ESCAPE_TRIAL_H

#include "tests/escape/live.h"
#include "tests/escape/steer.h"
#include "tests/escape/table.h"

#define TRIALS     4096
#define TRIAL_NAME 64

/* The processor's own; on x86-64 also with x32's bit, and by int 0x80. */
enum abi { NATIVE, X32, I386, ABIS };

struct trial {
    enum abi abi;
    uint32_t number;
    uint64_t args[6];
    bool unseen;           /* one that the kernel shows to no filter, and answered with an error */
    bool allowed;          /* by the table; else it must be killed */
    bool good;             /* what was said is what had to be */
    char name[TRIAL_NAME]; /* in the report */
    char said[320];
};

struct trials {
    size_t count;
    struct trial at[TRIALS];
};

/* Every number that the kernel knows and some beyond, in a box that may do what BOX says. */
void trial_numbers(struct trials *list, const struct table_box *box, enum abi abi);

/* For each row with tests: arguments that it allows, and others beside them. For ioctl: every number of type
 * '!', that of seccomp listeners, and of 0x89, that of sockets' namespaces. */
void trial_arguments(struct trials *list, const struct table_box *box);

/* INT80 says whether that is a system call here; else it must be a crash.
 * The call was issued: OUTCOME and VALUE of it, END of its box. Sets .good, .name and .said. */
void trial_judge(struct trial *t, bool int80, enum outcome outcome, int64_t value,
                 const struct ending *end);

#endif
