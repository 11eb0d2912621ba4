/* A template's filter, made of its boxes', run over every call number by an interpreter: it allows what that does and the
 * template's own calls, of this architecture alone, and answers all else with what a box's own filter outranks. */
#include "runtime/script/core/filter.h"

#include <linux/audit.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "gen/stock_filters.h"
#include "tests/unit/bpf.h"
#include "tests/unit/tap.h"

#define NUMBER offsetof(struct seccomp_data, nr)
#define ARCH   offsetof(struct seccomp_data, arch)
#define FIRST  offsetof(struct seccomp_data, args[0])

/* As rules.c makes one: no call of another architecture, nor of x32; write(2) to one descriptor. */
static const struct sock_filter boxes[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARCH),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 0, 7),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 5, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 5, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 4, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 2),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIRST),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_RET_USER_NOTIF, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
#define BOXES (sizeof boxes / sizeof boxes[0])

static const int own[] = {SYS_clone3,      SYS_wait4,     SYS_recvmsg, SYS_sendmsg, SYS_dup3,
                          SYS_close_range, SYS_prlimit64, SYS_seccomp, SYS_close};

static struct sock_filter program[FILTER_OWN + FILTER_MOST];
static struct filter templates = {.program = program};
static struct filter box;

static bool is_own(int nr)
{
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i] == nr)
            return true;
    return false;
}

static uint32_t want(const struct seccomp_data *d)
{
    if (d->arch == NATIVE_ARCH && is_own(d->nr))
        return SECCOMP_RET_ALLOW;
    return bpf_run(&box, d) == SECCOMP_RET_ALLOW ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRACE;
}

/* How many numbers, with or without BIT, are answered as they should. */
static unsigned right(uint32_t arch, int bit, uint64_t first)
{
    unsigned n = 0;

    for (int nr = 0; nr < NUMBERS; nr++) {
        const struct seccomp_data d = {.nr = nr | bit, .arch = arch, .args = {first}};

        n += bpf_run(&templates, &d) == want(&d);
    }
    return n;
}

static void made_of(const char *name, const struct sock_filter *of, size_t count)
{
    const struct seccomp_data none = {.nr = -1, .arch = NATIVE_ARCH};
    size_t others = 0;

    box = (struct filter){.program = of, .count = (uint32_t)count};
    templates.count = (uint32_t)filter_of_template(of, count, program);
    ok(count <= FILTER_MOST && templates.count - count <= FILTER_OWN,
       "%s: %u instructions, %u more", name, (unsigned)count, templates.count - (unsigned)count);
    ok(right(NATIVE_ARCH, 0, 0) == NUMBERS,
       "its own calls and its boxes'; to all else an answer that a box's goes before");
    for (size_t i = 0; i < FOREIGN_COUNT; i++)
        others += right(foreign_archs[i].arch, foreign_archs[i].bit, 0);
    ok(others == NUMBERS * FOREIGN_COUNT, "none of another architecture (%s)", FOREIGN_NAMES);
    ok(bpf_run(&templates, &none) == SECCOMP_RET_TRACE, "no number");
}

/* Of a filter that kills by itself, as where no listener can be taken, a template's is the same. */
static void made_of_killing(const struct sock_filter *of, size_t count)
{
    static struct sock_filter same[FILTER_OWN + FILTER_MOST], killing[FILTER_MOST];
    size_t n = filter_of_template(of, count, program);

    for (size_t i = 0; i < count; i++) {
        killing[i] = of[i];
        if (of[i].code == (BPF_RET | BPF_K) && of[i].k == SECCOMP_RET_USER_NOTIF)
            killing[i].k = SECCOMP_RET_KILL_PROCESS;
    }
    ok(filter_of_template(killing, count, same) == n &&
           memcmp(same, program, n * sizeof *same) == 0,
       "the same of one that kills by itself");
}

int main(void)
{
    const struct seccomp_data to = {
        .nr = SYS_write, .arch = NATIVE_ARCH, .args = {SECCOMP_RET_USER_NOTIF}};

    made_of("compute", stock_compute, sizeof stock_compute / sizeof stock_compute[0]);
    made_of("files", stock_files, sizeof stock_files / sizeof stock_files[0]);
    made_of_killing(stock_compute, sizeof stock_compute / sizeof stock_compute[0]);
    made_of("one with a condition", boxes, BOXES);
    ok(bpf_run(&templates, &to) == SECCOMP_RET_ALLOW,
       "a condition is as it was, whatever it compares with");
    ok((SECCOMP_RET_TRACE & SECCOMP_RET_ACTION_FULL) > SECCOMP_RET_USER_NOTIF,
       "what a box's own filter notifies has the higher rank");
    (void)stock_network, (void)stock_monitor, (void)stock_broker;
    return done();
}
