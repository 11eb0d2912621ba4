/* What stands in front of a template's filter, run over every call number by an interpreter: from the page of its calls
 * alone they pass, from anywhere the page can be taken away, and all else goes on to the filter behind. */
#include "runtime/script/core/call_page.h"

#include <linux/audit.h>
#include <sys/syscall.h>

#include "tests/unit/bpf.h"
#include "tests/unit/tap.h"

#define BEHIND 0x00051234u /* what the filter behind would say */
#define BEYOND 2           /* bytes: the address that the kernel shows is that behind "syscall" */

static struct sock_filter program[CALL_PAGE_RULES + 1];
static struct filter filter = {.program = program};

static const int own[] = {SYS_clone3, SYS_wait4,       SYS_recvmsg,  SYS_sendmsg,
                          SYS_dup3,   SYS_close_range, SYS_prlimit64};

static bool is_own(int nr)
{
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i] == nr)
            return true;
    return false;
}

static uint32_t at(uint64_t ip, uint32_t arch, int nr)
{
    struct seccomp_data d = {.nr = nr, .arch = arch, .instruction_pointer = ip};

    for (int i = 0; i < 6; i++)
        d.args[i] = call_page_address();
    return bpf_run(&filter, &d);
}

/* How many numbers, of x86-64 and of x32, do not go on. */
static unsigned pass(uint64_t ip, uint32_t arch)
{
    unsigned n = 0;

    for (int nr = -1; nr < NUMBERS; nr++)
        if (at(ip, arch, nr) != BEHIND || (nr >= 0 && at(ip, arch, nr | X32) != BEHIND))
            n++;
    return n;
}

static void from_the_page(void)
{
    uint64_t ip = call_page_address() + BEYOND;
    unsigned right = 0;

    for (int nr = 0; nr < NUMBERS; nr++)
        right += at(ip, AUDIT_ARCH_X86_64, nr) == (is_own(nr) ? SECCOMP_RET_ALLOW : BEHIND);
    ok(right == NUMBERS, "from the page: its own calls pass, all others go on");
    ok(pass(ip, AUDIT_ARCH_X86_64) == sizeof own / sizeof own[0], "and no number of x32");
    ok(pass(ip, AUDIT_ARCH_I386) == 0, "and none by another architecture");
}

static void from_elsewhere(void)
{
    uint64_t ip = call_page_address() + BEYOND;
    const uint64_t others[] = {0,         call_page_address(), ip + 1,          ip - 1,
                               ip + 4096, ip ^ 1ull << 32,     ip ^ 1ull << 63, ip << 32};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ok(pass(others[i], AUDIT_ARCH_X86_64) == 0, "from another address (%zu): none", i);
}

static bool unmaps(uint64_t from, uint64_t bytes, uint32_t arch, int nr)
{
    struct seccomp_data d = {.nr = nr, .arch = arch, .args = {from, bytes}};
    uint32_t said = bpf_run(&filter, &d);

    return said == SECCOMP_RET_ALLOW;
}

static void taking_away(void)
{
    const uint64_t page = call_page_address(), high = 1ull << 32;

    ok(unmaps(page, 4096, AUDIT_ARCH_X86_64, SYS_munmap), "the page can be taken away");
    ok(!unmaps(page + 4096, 4096, AUDIT_ARCH_X86_64, SYS_munmap) &&
           !unmaps(page - 4096, 4096, AUDIT_ARCH_X86_64, SYS_munmap) &&
           !unmaps(page + high, 4096, AUDIT_ARCH_X86_64, SYS_munmap),
       "no other");
    ok(!unmaps(page, 8192, AUDIT_ARCH_X86_64, SYS_munmap) &&
           !unmaps(page, 0, AUDIT_ARCH_X86_64, SYS_munmap) &&
           !unmaps(page, 4096 + high, AUDIT_ARCH_X86_64, SYS_munmap),
       "and nothing more");
    ok(!unmaps(page, 4096, AUDIT_ARCH_I386, SYS_munmap) &&
           !unmaps(page, 4096, AUDIT_ARCH_X86_64, SYS_munmap | X32) &&
           !unmaps(page, 4096, AUDIT_ARCH_X86_64, SYS_mprotect),
       "by no other call");
}

int main(void)
{
    size_t n = call_page_rules(program);

    ok(n < CALL_PAGE_RULES, "%zu instructions", n);
    program[n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, BEHIND);
    filter.count = (uint32_t)n + 1;
    ok(call_page_address() % 4096 == 0, "the calls have a page");
    from_the_page();
    from_elsewhere();
    taking_away();
    return done();
}
