/* The seccomp programs, run over every call number by a small classic-BPF interpreter: each profile
 * lets through exactly what its list says, other architectures nothing, and no ioctl of type '!' or 0x89
 * ever passes. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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
    /* Argument 0 follows a1: odd ones are odd everywhere. */
    struct seccomp_data d = {.nr = nr, .arch = arch, .args = {a1, a1, a2, a2, a2, a2}};

    return bpf_run(f, &d);
}

static bool allowed(const struct filter *f, int nr, uint64_t a1, uint64_t a2)
{
    return verdict(f, NATIVE_ARCH, nr, a1, a2) == SECCOMP_RET_ALLOW;
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

/* Arguments no rule names: a bounded call must not pass with them. The first two are of no descriptor. */
#define ODD   0xfeedfacedeadbeefull
#define FIRST 0xfeedfacedea00000ull

static void check_profile(enum profile p, const char *name, unsigned want)
{
    struct filter f = make(p, NULL, 0);
    unsigned passed = 0, bounded_count = 0, wrong = 0, foreign = 0, other = 0;

    for (int nr = 0; nr < NUMBERS; nr++) {
        bool bounded = false, in = listed(p, nr, &bounded), got = allowed(&f, nr, FIRST, ODD);

        passed += got;
        bounded_count += in && bounded;
        wrong += got != (in && !bounded);
        other += !got && verdict(&f, NATIVE_ARCH, nr, FIRST, ODD) != SECCOMP_RET_USER_NOTIF;
        for (uint64_t a = 0; a < 64; a++)
            for (size_t i = 0; i < FOREIGN_COUNT; i++)
                foreign += verdict(&f, foreign_archs[i].arch, nr | foreign_archs[i].bit, a, a) !=
                           SECCOMP_RET_USER_NOTIF;
    }
    ok(wrong == 0, "%s: exactly the listed calls pass", name);
    ok(passed + bounded_count == want, "%s: %u calls, %u of them bounded", name, want,
       bounded_count);
    ok(other == 0, "%s: everything else is a notification", name);
    ok(foreign == 0, "%s: calls of other architectures (%s) are notifications", name,
       FOREIGN_NAMES);
    ok(!allowed(&f, -1, 0, 0) && !allowed(&f, INT32_MIN, 0, 0), "%s: absurd numbers", name);
    ok(f.owned == NULL, "%s: a stock program", name);
    filter_free(&f);
}

static bool compute_is_five(void)
{
    static const int five[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(exit_group),
                               SCMP_SYS(rt_sigreturn), SCMP_SYS(clock_gettime)};
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
    struct seccomp_data d = {.nr = SCMP_SYS(mmap), .arch = NATIVE_ARCH};

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

static bool passes(const struct filter *f, int nr, uint64_t a0, uint64_t a1, uint64_t a2,
                   uint64_t a3)
{
    struct seccomp_data d = {.nr = nr, .arch = NATIVE_ARCH, .args = {a0, a1, a2, a3}};

    return bpf_run(f, &d) == SECCOMP_RET_ALLOW;
}

/* The list, said a second time. */
static bool is_socket(uint64_t domain, uint64_t type, uint64_t protocol, bool granted)
{
    uint64_t kind = type & ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);
    bool inet = domain == AF_INET || domain == AF_INET6;

    if (granted && (domain == AF_NETLINK || domain == AF_PACKET || (inet && kind == SOCK_RAW)))
        return true;
    return inet && ((kind == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP)) ||
                    (kind == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP)));
}

static unsigned wrong_sockets(const struct filter *f, bool granted)
{
    static const uint64_t flags[] = {
        0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK, 0x100, 1ull << 32};
    unsigned wrong = 0;

    for (uint64_t domain = 0; domain < 48; domain++)
        for (uint64_t type = 0; type < 16; type++)
            for (uint64_t protocol = 0; protocol < 300; protocol++)
                for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
                    wrong += passes(f, SCMP_SYS(socket), domain, type | flags[i], protocol, 0) !=
                             is_socket(domain, type | flags[i], protocol, granted);
    for (uint64_t high = 1; high < 16; high++)
        wrong += passes(f, SCMP_SYS(socket), high << 32 | AF_INET, SOCK_STREAM, 0, 0) ||
                 passes(f, SCMP_SYS(socket), high << 32 | AF_UNIX, SOCK_STREAM, 0, 0) ||
                 passes(f, SCMP_SYS(socket), AF_INET, SOCK_STREAM, high << 32, 0);
    return wrong;
}

/* read(2) and write(2) reach the wire alone, whose number nothing else can get. */
static void check_wire(enum profile p, const char *name)
{
    struct filter f = make(p, NULL, 0);
    unsigned others = 0, closed = 0, kept = 0;

    for (uint64_t high = 0; high < 4; high++)
        for (uint64_t fd = 0; fd < 1u << 20; fd = fd < 4096 ? fd + 1 : fd * 2 - 1) {
            uint64_t arg = high << 32 | fd;

            others += arg &&
                      (allowed(&f, SCMP_SYS(read), arg, 0) || allowed(&f, SCMP_SYS(write), arg, 0));
            closed += fd == 0 && allowed(&f, SCMP_SYS(close), arg, 0);
            kept += fd != 0 && !allowed(&f, SCMP_SYS(close), arg, 0);
        }
    ok(allowed(&f, SCMP_SYS(read), 0, 0) && allowed(&f, SCMP_SYS(write), 0, 0), "%s: the wire",
       name);
    ok(others == 0, "%s: no read or write of another descriptor", name);
    ok(closed == 0 && kept == 0, "%s: every descriptor but the wire can be closed", name);
    filter_free(&f);
}

static void check_socket(void)
{
    char *more[] = {(char *)"socket"};
    struct filter stock = make(PROFILE_NETWORK, NULL, 0), granted = make(PROFILE_COMPUTE, more, 1);

    ok(wrong_sockets(&stock, false) == 0, "network: TCP and UDP over IPv4 and IPv6, no other");
    ok(wrong_sockets(&granted, true) == 0, "a grant of socket adds netlink, packet and raw alone");
    filter_free(&granted);
}

/* A call's flags, in argument ARG: each bit of 32, and one above them. */
static void check_flags(int nr, const char *name, unsigned arg, uint64_t may)
{
    char *more[] = {(char *)name};
    struct filter stock = make(PROFILE_NETWORK, NULL, 0), granted = make(PROFILE_COMPUTE, more, 1);
    unsigned wrong = 0;

    for (unsigned bit = 0; bit < 33; bit++) {
        struct seccomp_data d = {.nr = nr, .arch = NATIVE_ARCH};
        bool want = (1ull << bit & may) != 0;

        d.args[arg] = may | 1ull << bit;
        wrong += (bpf_run(&granted, &d) == SECCOMP_RET_ALLOW) != want;
        if (rules_within(PROFILE_NETWORK, name))
            wrong += (bpf_run(&stock, &d) == SECCOMP_RET_ALLOW) != want;
        d.args[arg] = 0;
        wrong += bpf_run(&granted, &d) != SECCOMP_RET_ALLOW;
    }
    ok(wrong == 0, "%s: flags by list, granted or of the profile", name);
    filter_free(&granted);
}

static void check_options(void)
{
    static const struct {
        int level, name;
        bool set;
    } list[] = {{SOL_SOCKET, SO_ERROR, false},    {SOL_SOCKET, SO_TYPE, false},
                {SOL_SOCKET, SO_REUSEADDR, true}, {SOL_SOCKET, SO_KEEPALIVE, true},
                {SOL_SOCKET, SO_RCVTIMEO, true},  {SOL_SOCKET, SO_SNDTIMEO, true},
                {IPPROTO_TCP, TCP_NODELAY, true}, {IPPROTO_IPV6, IPV6_V6ONLY, true}};
    struct filter f = make(PROFILE_NETWORK, NULL, 0);
    unsigned wrong = 0;

    for (int level = 0; level < 300; level++)
        for (int name = 0; name < 300; name++) {
            bool get = false, set = false;

            for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
                if (list[i].level == level && list[i].name == name) {
                    get = true;
                    set = list[i].set;
                }
            wrong += passes(&f, SCMP_SYS(getsockopt), 3, (uint64_t)level, (uint64_t)name, 0) != get;
            wrong += passes(&f, SCMP_SYS(setsockopt), 3, (uint64_t)level, (uint64_t)name, 0) != set;
        }
    ok(wrong == 0, "network: socket options by list");
}

static void check_modes(void)
{
    static const struct {
        int nr, arg;
    } calls[] = {{SCMP_SYS(openat), 3}, {SCMP_SYS(open), 2},     {SCMP_SYS(creat), 1},
                 {SCMP_SYS(chmod), 1},  {SCMP_SYS(fchmodat), 2}, {SCMP_SYS(fchmod), 1}};
    char *more[] = {(char *)"open",   (char *)"creat",    (char *)"chmod",
                    (char *)"fchmod", (char *)"fchmodat", (char *)"openat"};
    struct filter f = make(PROFILE_FILES, more, 6);
    unsigned wrong = 0;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        for (uint64_t mode = 0; calls[i].nr >= 0 && mode < 0x10000; mode++) {
            struct seccomp_data d = {.nr = calls[i].nr, .arch = NATIVE_ARCH};

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

            wrong += allowed(&f, SCMP_SYS(ioctl), whole, ODD) !=
                     ((request >> 8) != '!' && (request >> 8) != 0x89);
        }
    ok(wrong == 0, "%s with ioctl: all types but '!' and 0x89", name);
    ok(f.owned != NULL, "%s with an allow list: a program of its own", name);
    ok(allowed(&f, SCMP_SYS(getrandom), ODD, ODD), "%s: getrandom granted", name);
    ok(allowed(&f, SCMP_SYS(mprotect), ODD, PROT_READ) &&
           !allowed(&f, SCMP_SYS(mprotect), 0, PROT_EXEC),
       "%s: mprotect granted, but for code", name);
    ok(allowed(&f, SCMP_SYS(read), ODD, ODD) && !allowed(&f, SCMP_SYS(socket), AF_UNIX, 0),
       "%s: the rest", name);
    filter_free(&f);
}

/* A call is never granted, or it was looked at and stands in the list, which has names that an older libseccomp does
 * not know, or that another processor has. */
static void check_grantable(void)
{
    autostr struct str reviewed = {0};
    FILE *file = fopen("tests/golden/grantable.txt", "r");
    char line[64];
    int wanted = 0, got = 0, missing = 0;

    str_addf(&reviewed, "\n");
    while (file && fgets(line, sizeof line, file)) {
        str_addf(&reviewed, "%s", line);
        line[strcspn(line, "\n")] = '\0';
        wanted += seccomp_syscall_resolve_name(line) >= 0;
    }
    if (file)
        fclose(file);

    for (int nr = 0; nr < NUMBERS; nr++) {
        char *name = seccomp_syscall_resolve_num_arch(NATIVE_ARCH, nr);

        if (name && !filter_never(name) && !rules_within(PROFILE_COMPUTE, name)) {
            snprintf(line, sizeof line, "\n%s\n", name);
            got++;
            if (!strstr(reviewed.data, line)) {
                printf("# not reviewed: %s\n", name);
                missing++;
            }
        }
        free(name);
    }
    printf("# %d of them\n", got);
    ok(wanted > 150 && got == wanted && missing == 0, "grantable calls are the reviewed ones");
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
    ok(!strcmp(filter_name(NATIVE_ARCH, SCMP_SYS(connect), out, sizeof out), "connect"), "a name");
    ok(!strcmp(filter_name(AUDIT_ARCH_I386, 11, out, sizeof out), "execve"), "i386 number 11");
#ifdef __x86_64__
    ok(!strcmp(filter_name(NATIVE_ARCH, X32_BIT | 1, out, sizeof out), "write"), "x32 number 1");
#endif
    ok(!strcmp(filter_name(NATIVE_ARCH, 9999, out, sizeof out), "#9999"), "number 9999");
    ok(!strcmp(filter_name(0, 1, out, sizeof out), "#1"), "no architecture");
}

int main(void)
{
    ok(compute_is_five(), "compute is read, write, exit_group, rt_sigreturn, clock_gettime");
    check_profile(PROFILE_COMPUTE, "compute", 5);
    check_profile(PROFILE_FILES, "files", 15);
    check_profile(PROFILE_NETWORK, "network", 29);
    check_mmap();
    check_socket();
    check_flags(SCMP_SYS(sendto), "sendto", 3, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
    check_flags(SCMP_SYS(recvfrom), "recvfrom", 3,
                MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL | MSG_TRUNC);
    check_flags(SCMP_SYS(sendmsg), "sendmsg", 2, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
    check_flags(SCMP_SYS(sendmmsg), "sendmmsg", 3, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
    check_flags(SCMP_SYS(recvmsg), "recvmsg", 2,
                MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL | MSG_TRUNC | MSG_CMSG_CLOEXEC);
    check_flags(SCMP_SYS(recvmmsg), "recvmmsg", 3,
                MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL | MSG_TRUNC | MSG_CMSG_CLOEXEC |
                    MSG_WAITFORONE);
    check_flags(SCMP_SYS(accept4), "accept4", 3, SOCK_CLOEXEC | SOCK_NONBLOCK);
    check_flags(SCMP_SYS(shutdown), "shutdown", 1, SHUT_WR | SHUT_RDWR);
    check_options();
    check_modes();
    check_ioctl(PROFILE_COMPUTE, "compute");
    check_ioctl(PROFILE_FILES, "files");
    check_wire(PROFILE_FILES, "files");
    check_wire(PROFILE_NETWORK, "network");
    check_ioctl(PROFILE_NETWORK, "network");
    check_grantable();
    check_names();
    return done();
}
