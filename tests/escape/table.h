/* The project's table of system calls (runtime/plan/syscalls.def), read here without libseccomp and without
 * the code that makes filters of it: what a box's filter must do, said a second time. */
#ifndef ESCAPE_TABLE_H
#define ESCAPE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum level { LEVEL_COMPUTE, LEVEL_FILES, LEVEL_NETWORK, LEVEL_GRANTED };

#define TABLE_TESTS 3

/* Holds where (args[arg] & mask) == value. */
struct table_test {
    unsigned arg;
    uint64_t mask, value;
};

struct table_row {
    const char *name;
    int number, level; /* a negative number: not of this processor */
    const char *why;
    size_t count; /* of tests; none: any arguments */
    struct table_test tests[TABLE_TESTS];
};

extern const struct table_row table_rows[];
extern const size_t table_count;

/* What one box may do: the rows of its profile, and the calls granted to it. */
struct table_box {
    int level;
    const char *const *granted; /* names */
    size_t granted_count;
};

/* May the processor's own call NUMBER pass with ARGS? */
bool table_allows(const struct table_box *box, int number, const uint64_t args[6]);

/* The rows of ROW's name count in BOX. */
bool table_has(const struct table_box *box, const struct table_row *row);

/* ARGS, changed so that ROW's tests hold. */
void table_satisfy(const struct table_row *row, uint64_t args[6]);

#endif
