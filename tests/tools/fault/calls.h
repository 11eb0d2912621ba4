/* The calls that fault.c makes fail: numbers, names, objects, errors. One table, from calls.def. */
#ifndef TESTS_TOOLS_FAULT_CALLS_H
#define TESTS_TOOLS_FAULT_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum fault_object {
    OBJECT_NOTHING,
    OBJECT_PATH1, /* the first argument is a path, or the second */
    OBJECT_PATH2,
    OBJECT_FD,
    OBJECT_NUMBER1,
    OBJECT_NUMBER2,
};

#define FAULT_ERRORS 8

struct fault_call {
    int number; /* negative: not of this processor */
    const char *name;
    enum fault_object object;
    int errors[FAULT_ERRORS]; /* ends at the first 0 */
};

/* Never NULL: a number that is not in the table is "other". */
const struct fault_call *fault_call(int number);

size_t fault_errors(const struct fault_call *c);

/* The Kth of its errors, counted round, since a call that differs from the last run's may have fewer. 0: with
 * these ARGS none is plausible (to wake a futex cannot fail). */
int fault_error(const struct fault_call *c, const uint64_t *args, unsigned long k);

/* What the call of PID is about, into TEXT: a path, the file behind a descriptor (digits made '#'), a number,
 * or "-". */
void fault_object(pid_t pid, const struct fault_call *c, const uint64_t *args, char *text,
                  size_t size);

#endif
