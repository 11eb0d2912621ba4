/* The seccomp programs, run over every call number by a small classic-BPF interpreter: each profile
 * lets through exactly what its list says, other architectures nothing, and no ioctl of type '!' or 0x89
 * ever passes. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "runtime/base/str.h"
#include "runtime/plan/filter.h"
#include "runtime/plan/rules.h"
#include "tests/unit/bpf.h"
#include "tests/unit/tap.h"

static uint32_t verdict(const struct filter *f, uint32_t arch, int nr, uint64_t a1, uint64_t a2)
{
    /* Argument 0 follows a1, so that socket(2) is tried by its first: see check_socket(). */
    struct seccomp_data d = {.nr = nr, .arch = arch, .args = {a1, a1, a2, a2, a2, a2}};

    return bpf_run(f, &d);
}

static bool allowed(const struct filter *f, int nr, uint64_t a1, uint64_t a2)
{
    return verdict(f, AUDIT_ARCH_X86_64, nr, a1, a2) == SECCOMP_RET_ALLOW;
}

static bool listed(enum profile p, int nr, bool *bounded)
{
    const char *name;

    for (size_t at = 0; (name = rules_next(p, &at, bounded));)
        if (seccomp_syscall_resolve_name(name) == nr)
            return true;
    return false;
}

static struct filter make(enum profile p, char **names, size_t count)
{
    struct plan plan = {.profile = p, .allow = {count, names}};
    struct filter f = {0};
    struct fault why;

    if (filter_make(&plan, &f, &why) < 0)
        ok(false, "filter_make: %s: %s", why.where, why.what);
    return f;
}

/* Arguments no rule names: a bounded call must not pass with them. */
#define ODD 0xfeedfacedeadbeefull

static void check_profile(enum profile p, const char *name, unsigned want)
{
    struct filter f = make(p, NULL, 0);
    unsigned passed = 0, bounded_count = 0, wrong = 0, foreign = 0, other = 0;

    for (int nr = 0; nr < NUMBERS; nr++) {
        bool bounded = false, in = listed(p, nr, &bounded), got = allowed(&f, nr, ODD, ODD);

        passed += got;
        bounded_count += in && bounded;
        wrong += got != (in && !bounded);
        other += !got && verdict(&f, AUDIT_ARCH_X86_64, nr, ODD, ODD) != SECCOMP_RET_USER_NOTIF;
        for (uint64_t a = 0; a < 64; a++)
            foreign += verdict(&f, AUDIT_ARCH_X86_64, nr | X32, a, a) != SECCOMP_RET_USER_NOTIF ||
                       verdict(&f, AUDIT_ARCH_I386, nr, a, a) != SECCOMP_RET_USER_NOTIF ||
                       verdict(&f, AUDIT_ARCH_AARCH64, nr, a, a) != SECCOMP_RET_USER_NOTIF;
    }
    ok(wrong == 0, "%s: exactly the listed calls pass", name);
    ok(passed + bounded_count == want, "%s: %u calls, %u of them bounded", name, want,
       bounded_count);
    ok(other == 0, "%s: everything else is a notification", name);
    ok(foreign == 0, "%s: x32, i386 and arm64 calls are notifications", name);
    ok(!allowed(&f, -1, 0, 0) && !allowed(&f, INT32_MIN, 0, 0), "%s: absurd numbers", name);
    ok(f.owned == NULL, "%s: a stock program", name);
    filter_free(&f);
}

static bool compute_is_five(void)
{
    static const int five[] = {__NR_read, __NR_write, __NR_exit_group, __NR_rt_sigreturn,
                               __NR_clock_gettime};
    struct filter f = make(PROFILE_COMPUTE, NULL, 0);
    bool same = true;

    for (int nr = 0; nr < NUMBERS; nr++) {
        bool in = false;

        for (size_t i = 0; i < sizeof five / sizeof five[0]; i++)
            in |= five[i] == nr;
        same &= allowed(&f, nr, 0, 0) == in;
    }
    return same;
}

static void check_mmap(void)
{
    struct filter f = make(PROFILE_FILES, NULL, 0);
    struct seccomp_data d = {.nr = __NR_mmap, .arch = AUDIT_ARCH_X86_64};

    d.args[2] = PROT_READ | PROT_WRITE;
    d.args[3] = MAP_PRIVATE | MAP_ANONYMOUS;
    ok(bpf_run(&f, &d) == SECCOMP_RET_ALLOW, "files: malloc's mmap passes");
    d.args[2] |= PROT_EXEC;
    ok(bpf_run(&f, &d) == SECCOMP_RET_USER_NOTIF, "files: no executable memory");
    d.args[2] = (1ull << 32) | PROT_READ | PROT_WRITE;
    ok(bpf_run(&f, &d) == SECCOMP_RET_USER_NOTIF, "files: nor with upper bits set");
    d.args[2] = PROT_READ | PROT_WRITE;
    d.args[3] = MAP_PRIVATE;
    ok(bpf_run(&f, &d) == SECCOMP_RET_USER_NOTIF, "files: no file is mapped");
    filter_free(&f);
}

static void check_socket(void)
{
    char *more[] = {(char *)"socket"};
    struct filter stock = make(PROFILE_NETWORK, NULL, 0), granted = make(PROFILE_COMPUTE, more, 1);
    unsigned unix_passed = 0, high = 0;

    for (uint64_t high_bits = 0; high_bits < 16; high_bits++) {
        unix_passed += allowed(&stock, __NR_socket, high_bits << 32 | AF_UNIX, 0);
        unix_passed += allowed(&granted, __NR_socket, high_bits << 32 | AF_UNIX, 0);
        high += high_bits && allowed(&granted, __NR_socket, high_bits << 32 | AF_INET, 0);
    }
    ok(allowed(&stock, __NR_socket, AF_INET, 0) && allowed(&stock, __NR_socket, AF_INET6, 0),
       "network: IPv4 and IPv6 sockets");
    ok(!allowed(&stock, __NR_socket, AF_NETLINK, 0), "network: no netlink socket");
    ok(allowed(&granted, __NR_socket, AF_NETLINK, 0), "a grant of socket adds netlink");
    ok(unix_passed == 0 && high == 0, "no Unix socket, stock or granted");
    filter_free(&granted);
}

static void check_modes(void)
{
    static const struct {
        int nr, arg;
    } calls[] = {{__NR_openat, 3}, {__NR_open, 2},     {__NR_creat, 1},
                 {__NR_chmod, 1},  {__NR_fchmodat, 2}, {__NR_fchmod, 1}};
    char *more[] = {(char *)"open",   (char *)"creat",    (char *)"chmod",
                    (char *)"fchmod", (char *)"fchmodat", (char *)"openat"};
    struct filter f = make(PROFILE_FILES, more, 6);
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        for (uint64_t mode = 0; mode < 0x10000; mode++) {
            struct seccomp_data d = {.nr = calls[i].nr, .arch = AUDIT_ARCH_X86_64};

            d.args[calls[i].arg] = mode | mode << 40;
            wrong += (bpf_run(&f, &d) == SECCOMP_RET_ALLOW) != ((mode & 06000) == 0);
        }
    ok(wrong == 0, "no call makes a set-user-ID or set-group-ID file");
    filter_free(&f);
}

/* Every type and a few numbers and directions of it, with any upper half. */
static void check_ioctl(enum profile p, const char *name)
{
    char *more[] = {(char *)"ioctl", (char *)"mprotect", (char *)"getrandom", (char *)"read"};
    struct filter f = make(p, more, 4);
    unsigned wrong = 0;

    for (uint64_t request = 0; request < 0x10000; request++)
        for (uint64_t high = 0; high < 8; high++) {
            uint64_t whole = request | high << 29 | high << 33;

            wrong += allowed(&f, __NR_ioctl, whole, ODD) !=
                     ((request >> 8) != '!' && (request >> 8) != 0x89);
        }
    ok(wrong == 0, "%s with ioctl: all types but '!' and 0x89", name);
    ok(f.owned != NULL, "%s with an allow list: a program of its own", name);
    ok(allowed(&f, __NR_getrandom, ODD, ODD), "%s: getrandom granted", name);
    ok(allowed(&f, __NR_mprotect, ODD, PROT_READ) && !allowed(&f, __NR_mprotect, 0, PROT_EXEC),
       "%s: mprotect granted, but for code", name);
    ok(allowed(&f, __NR_read, ODD, ODD) && !allowed(&f, __NR_socket, AF_UNIX, 0), "%s: the rest",
       name);
    filter_free(&f);
}

/* A call is never granted, or it was looked at and stands in the list. */
static void check_grantable(void)
{
    autostr struct str got = {0}, want = {0};
    FILE *file = fopen("tests/golden/grantable.txt", "r");
    char line[64];

    for (int nr = 0; nr < NUMBERS; nr++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, nr);

        if (name && !filter_never(name) && !rules_within(PROFILE_COMPUTE, name))
            str_addf(&got, "%s\n", name);
        free(name);
    }
    while (file && fgets(line, sizeof line, file))
        str_adds(&want, line);
    if (file)
        fclose(file);
    if (!ok(want.len && strcmp(want.data, got.data) == 0, "grantable calls are the reviewed ones"))
        printf("# got:\n# %s\n", got.data);
}

static void check_names(void)
{
    char out[FILTER_NAME_MAX];
    static const char *const refused[] = {
        "ptrace",         "mount",       "bpf",     "seccomp",    "setns",       "unshare",
        "clone",          "clone3",      "fork",    "vfork",      "execve",      "kexec_load",
        "keyctl",         "add_key",     "prctl",   "pidfd_open", "personality", "reboot",
        "io_uring_setup", "userfaultfd", "mknodat", "kill",       "socketpair",  "openat2",
        "tgkill",         "init_module"};

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ok(filter_never(refused[i]) != NULL, "never granted: %s", refused[i]);
    ok(filter_never("no_such_call") != NULL, "an unknown call");
    ok(filter_never("mmap2") != NULL, "a call of another architecture");
    ok(filter_never("") != NULL, "no name");
    ok(filter_never("getrandom") == NULL, "getrandom may be granted");
    ok(!strcmp(filter_name(AUDIT_ARCH_X86_64, 42, out, sizeof out), "connect"), "number 42");
    ok(!strcmp(filter_name(AUDIT_ARCH_I386, 11, out, sizeof out), "execve"), "i386 number 11");
    ok(!strcmp(filter_name(AUDIT_ARCH_X86_64, X32 | 1, out, sizeof out), "write"), "x32 number 1");
    ok(!strcmp(filter_name(AUDIT_ARCH_X86_64, 9999, out, sizeof out), "#9999"), "number 9999");
    ok(!strcmp(filter_name(0, 1, out, sizeof out), "#1"), "no architecture");
}

int main(void)
{
    ok(compute_is_five(), "compute is read, write, exit_group, rt_sigreturn, clock_gettime");
    check_profile(PROFILE_COMPUTE, "compute", 5);
    check_profile(PROFILE_FILES, "files", 12);
    check_profile(PROFILE_NETWORK, "network", 26);
    check_mmap();
    check_socket();
    check_modes();
    check_ioctl(PROFILE_COMPUTE, "compute");
    check_ioctl(PROFILE_FILES, "files");
    check_ioctl(PROFILE_NETWORK, "network");
    check_grantable();
    check_names();
    return done();
}
