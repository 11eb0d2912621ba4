/* syscalls.def as data, and its semantics. Trusts the file; shares no code with runtime/plan. */
#include "tests/escape/table.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/arch/arch.h"

#define EQ(n, value)               {n, UINT64_MAX, value}
#define BITS(n, mask, value)       {n, mask, value}
#define ROW(level, name, why, ...) {#name, __SNR_##name, level, why, __VA_ARGS__},
#define COUNT(...)                 (sizeof((struct table_test[]){__VA_ARGS__}) / sizeof(struct table_test))

const struct table_row table_rows[] = {
#define CALL(level, name, why) ROW(LEVEL_##level, name, why, 0, {{0, 0, 0}})
#define CALL_IF(level, name, why, ...) \
    ROW(LEVEL_##level, name, why, COUNT(__VA_ARGS__), {__VA_ARGS__})
#include "runtime/plan/syscalls.def"
#undef CALL
#undef CALL_IF
};

const size_t table_count = sizeof table_rows / sizeof table_rows[0];

static bool granted(const struct table_box *box, const char *name)
{
    for (size_t i = 0; i < box->granted_count; i++)
        if (strcmp(box->granted[i], name) == 0)
            return true;
    return false;
}

/* Whether a row without tests is replaced by one with tests from a later profile of BOX. */
static bool gives_way(const struct table_box *box, const struct table_row *row)
{
    for (size_t i = 0; row->count == 0 && i < table_count; i++)
        if (table_rows[i].number == row->number && table_rows[i].count &&
            table_rows[i].level > row->level && table_rows[i].level <= box->level)
            return true;
    return false;
}

bool table_has(const struct table_box *box, const struct table_row *row)
{
    if (gives_way(box, row))
        return false;
    return row->level <= box->level || granted(box, row->name);
}

static bool holds(const struct table_row *row, const uint64_t args[6])
{
    for (size_t i = 0; i < row->count; i++)
        if ((args[row->tests[i].arg] & row->tests[i].mask) != row->tests[i].value)
            return false;
    return true;
}

bool table_allows(const struct table_box *box, int number, const uint64_t args[6])
{
    bool in_table = false;

    for (size_t i = 0; i < table_count; i++) {
        const struct table_row *row = &table_rows[i];

        if (row->number != number)
            continue;
        in_table = true;
        if (table_has(box, row) && holds(row, args))
            return true;
    }
    for (size_t i = 0; !in_table && i < box->granted_count; i++)
        if (seccomp_syscall_resolve_name(box->granted[i]) == number)
            return true;
    return false;
}

void table_satisfy(const struct table_row *row, uint64_t args[6])
{
    for (size_t i = 0; i < row->count; i++) {
        uint64_t *arg = &args[row->tests[i].arg];

        *arg = (*arg & ~row->tests[i].mask) | row->tests[i].value;
    }
}
