/* Makes the list of trials and judges their outcomes. Trusts the table of system calls and
 * libseccomp's names, nothing else of runbox. */
#include "tests/escape/trial.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS 600 /* Linux 6.18 ends at 470, x32 at 547 */

static void add(struct trials *list, const struct table_box *box, enum abi abi, uint32_t number,
                const uint64_t args[6])
{
    struct trial *t = &list->at[list->count];

    if (++list->count > TRIALS)
        abort();
    *t = (struct trial){.abi = abi, .number = number};
    memcpy(t->args, args, sizeof t->args);
    t->allowed = abi == NATIVE && table_allows(box, (int)number, args);
    snprintf(t->said, sizeof t->said, "was not tried");
}

/* Harmless for any call: no such descriptor, address or process. */
static const uint64_t harmless[6] = {UINT64_MAX, 0, 0, 0, 0, 0};

void trial_numbers(struct trials *list, const struct table_box *box, enum abi abi)
{
    static const uint32_t odd[] = {1000,       4095,       65535,     0x3fffffff,
                                   0x7fffffff, 0x80000000, UINT32_MAX};
    uint32_t bit = abi == X32 ? (uint32_t)X32_BIT : 0;

    for (uint32_t nr = 0; nr < NUMBERS; nr++)
        add(list, box, abi, nr | bit, harmless);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        if (abi != X32 || odd[i] < X32_BIT)
            add(list, box, abi, odd[i] | bit, harmless);
}

/* Arguments that ROW allows, and variants with one bit flipped: every bit of a mask; of a whole
 * value, some of its 64 bits. */
static void add_row(struct trials *list, const struct table_box *box, const struct table_row *row)
{
    uint64_t good[6], args[6];

    memcpy(good, harmless, sizeof good);
    table_satisfy(row, good);
    add(list, box, NATIVE, (uint32_t)row->number, good);
    for (size_t i = 0; i < row->count; i++)
        for (unsigned bit = 0; bit < 64; bit++) {
            bool whole = row->tests[i].mask == UINT64_MAX;

            if (whole ? bit % 8 > 1 && bit != 31 && bit != 63 : !(row->tests[i].mask >> bit & 1))
                continue;
            memcpy(args, good, sizeof args);
            args[row->tests[i].arg] ^= 1ull << bit;
            add(list, box, NATIVE, (uint32_t)row->number, args);
        }
}

/* The requests of a seccomp listener, with and without bits that the kernel ignores; then every
 * number of its type '!' and of 0x89, that of sockets' namespaces, with each direction in turn:
 * none, write, read, both. */
static void add_ioctls(struct trials *list, const struct table_box *box)
{
    static const uint64_t listener[] = {0xc0502100, 0xc0182101, 0x40082102,
                                        0x80082102, 0x40182103, 0x40082104};
    uint64_t args[6] = {3, 0, 0, 0, 0, 0};

    for (size_t i = 0; i < sizeof listener / sizeof listener[0]; i++)
        for (uint64_t high = 0; high < 2; high++) {
            args[1] = listener[i] | high << 32;
            add(list, box, NATIVE, __NR_ioctl, args);
        }
    for (uint64_t nr = 0; nr < 512; nr++) {
        args[1] = (nr & 3) << 30 | (uint64_t)(nr < 256 ? '!' : 0x89) << 8 | (nr & 255);
        add(list, box, NATIVE, __NR_ioctl, args);
    }
}

void trial_arguments(struct trials *list, const struct table_box *box)
{
    for (size_t i = 0; i < table_count; i++)
        if (table_rows[i].count && table_rows[i].number >= 0 && table_has(box, &table_rows[i]))
            add_row(list, box, &table_rows[i]);
    add_ioctls(list, box);
}
static void expected_name(const struct trial *t, char out[TRIAL_NAME])
{
    static const uint32_t arches[ABIS] = {NATIVE_ARCH, SCMP_ARCH_X32, SCMP_ARCH_X86};
    char *name = seccomp_syscall_resolve_num_arch(arches[t->abi], (int)t->number);

    if (name)
        snprintf(out, TRIAL_NAME, "%s", name);
    else
        snprintf(out, TRIAL_NAME, "#%d", (int)t->number);
    free(name);
}

/* Two calls that seccomp never sees: the kernel uses them itself, from a page of its own, while the
 * process is probed from outside; otherwise they fail with these errors (kernel/seccomp.c,
 * seccomp_uprobe_exception(); arch/x86/kernel/uprobes.c; since Linux 6.14 and 6.18). */
static bool is_kernels_own(const struct trial *t, int64_t value)
{
    enum { URETPROBE = 335, UPROBE = 336 };

    return t->abi == NATIVE && NATIVE_ARCH == AUDIT_ARCH_X86_64 &&
           ((t->number == URETPROBE && value == -1) || (t->number == UPROBE && value == -ENXIO));
}

/* rt_sigreturn takes the top of the stack for a signal frame; if it is none, the box is killed. */
static bool ended_well(const struct trial *t, enum outcome outcome, const char *status)
{
    if (t->number == __NR_exit_group || t->number == __NR_exit)
        return outcome == EXITED && strcmp(status, "protocol") == 0;
    if (t->number == __NR_rt_sigreturn && strcmp(status, "signal") == 0)
        return true;
    return outcome == CAME_BACK && strcmp(status, "ok") == 0;
}

static bool refused_well(const struct trial *t, bool int80, enum outcome outcome,
                         const struct ending *end)
{
    char name[TRIAL_NAME];

    if (t->abi == I386 && !int80)
        return outcome == CRASHED && strcmp(end->status, "signal") == 0;
    expected_name(t, name);
    return outcome == KILLED && strcmp(end->status, "syscall") == 0 &&
           strcmp(end->syscall, name) == 0;
}

void trial_judge(struct trial *t, bool int80, enum outcome outcome, int64_t value,
                 const struct ending *end)
{
    snprintf(t->name, sizeof t->name, "%s", end->syscall);
    t->unseen = !t->allowed && outcome == CAME_BACK && is_kernels_own(t, value);
    t->good = t->allowed || t->unseen
                  ? end->syscall[0] == '\0' && ended_well(t, outcome, end->status)
                  : refused_well(t, int80, outcome, end);
    snprintf(t->said, sizeof t->said, "%s \"%s\" (outcome %d, value %lld)", end->status,
             end->syscall, (int)outcome, (long long)value);
}
