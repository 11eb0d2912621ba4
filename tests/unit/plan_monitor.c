/* The monitor's own seccomp program, run over every number by a small interpreter: what is not in the table kills, and what is in
 * it names no file, no process and no right. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/unit/bpf.h"
#include "tests/unit/tap.h"

#define SELF 4711

static uint32_t verdict(uint32_t arch, int nr, unsigned arg, uint64_t value)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(SELF, code), NULL};
    struct seccomp_data d = {.nr = nr, .arch = arch};

    d.args[arg] = value;
    return bpf_run(&f, &d);
}

static bool kills(int nr, unsigned arg, uint64_t value)
{
    return verdict(NATIVE_ARCH, nr, arg, value) == SECCOMP_RET_KILL_PROCESS;
}

static bool allows(int nr, unsigned arg, uint64_t value)
{
    return verdict(NATIVE_ARCH, nr, arg, value) == SECCOMP_RET_ALLOW;
}

/* What a taken-over monitor would want most, whatever the arguments. */
static const int prizes[] = {SCMP_SYS(execve),
                             SCMP_SYS(execveat),
                             SCMP_SYS(fork),
                             SCMP_SYS(vfork),
                             SCMP_SYS(clone),
                             SCMP_SYS(clone3),
                             SCMP_SYS(socket),
                             SCMP_SYS(connect),
                             SCMP_SYS(ptrace),
                             SCMP_SYS(mount),
                             SCMP_SYS(bpf),
                             SCMP_SYS(process_vm_readv),
                             SCMP_SYS(process_vm_writev),
                             SCMP_SYS(setuid),
                             SCMP_SYS(setresuid),
                             SCMP_SYS(capset),
                             SCMP_SYS(prctl),
                             SCMP_SYS(seccomp),
                             SCMP_SYS(unshare),
                             SCMP_SYS(setns),
                             SCMP_SYS(open),
                             SCMP_SYS(openat2),
                             SCMP_SYS(creat),
                             SCMP_SYS(rename),
                             SCMP_SYS(renameat2),
                             SCMP_SYS(unlink),
                             SCMP_SYS(rmdir),
                             SCMP_SYS(chmod),
                             SCMP_SYS(fchmodat),
                             SCMP_SYS(fchownat),
                             SCMP_SYS(symlinkat),
                             SCMP_SYS(link),
                             SCMP_SYS(mkdirat),
                             SCMP_SYS(mknodat),
                             SCMP_SYS(truncate),
                             SCMP_SYS(keyctl),
                             SCMP_SYS(init_module),
                             SCMP_SYS(finit_module),
                             SCMP_SYS(kexec_load),
                             SCMP_SYS(reboot),
                             SCMP_SYS(pidfd_getfd),
                             SCMP_SYS(io_uring_setup),
                             SCMP_SYS(userfaultfd),
                             SCMP_SYS(sendmsg),
                             SCMP_SYS(pidfd_open),
                             SCMP_SYS(setxattr),
                             SCMP_SYS(ioperm),
                             SCMP_SYS(perf_event_open),
                             SCMP_SYS(chroot),
                             SCMP_SYS(pivot_root)};

static void check_numbers(void)
{
    const uint64_t odd = 0xfeedfacedeadbeefull;
    unsigned passed = 0, foreign = 0, prized = 0;

    for (int nr = 0; nr < NUMBERS; nr++) {
        bool pass = false;

        for (unsigned arg = 0; arg < 6; arg++)
            pass |= !kills(nr, arg, odd);
        passed += pass;
        for (size_t i = 0; i < FOREIGN_COUNT; i++)
            foreign += verdict(foreign_archs[i].arch, nr | foreign_archs[i].bit, 0, 0) !=
                       SECCOMP_RET_KILL_PROCESS;
    }
    for (size_t i = 0; i < sizeof prizes / sizeof prizes[0]; i++)
        for (unsigned arg = 0; arg < 6; arg++)
            prized += !kills(prizes[i], arg, 0) || !kills(prizes[i], arg, odd);
    ok(passed >= 15 && passed < 30, "of %d numbers, %u pass with odd arguments", NUMBERS, passed);
    ok(foreign == 0, "calls of other architectures (%s) kill", FOREIGN_NAMES);
    ok(prized == 0, "%zu calls that would lead further kill", sizeof prizes / sizeof prizes[0]);
    ok(allows(-1, 0, 0), "a call that a tracer skips goes on, to nothing");
}

static void check_memory(void)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(SELF, code), NULL};
    struct seccomp_data d = {.nr = SCMP_SYS(mmap), .arch = NATIVE_ARCH};

    ok(kills(SCMP_SYS(mprotect), 2, PROT_EXEC) && allows(SCMP_SYS(mprotect), 2, PROT_READ),
       "memory never becomes code");
    d.args[2] = PROT_READ | PROT_WRITE;
    d.args[3] = MAP_PRIVATE | MAP_ANONYMOUS;
    ok(bpf_run(&f, &d) == SECCOMP_RET_ALLOW, "malloc's mmap");
    d.args[2] |= PROT_EXEC;
    ok(bpf_run(&f, &d) == SECCOMP_RET_KILL_PROCESS, "no memory for code");
    d.args[2] = PROT_READ;
    d.args[3] = MAP_PRIVATE;
    ok(bpf_run(&f, &d) == SECCOMP_RET_KILL_PROCESS, "no mapping of a file");
    ok(allows(SCMP_SYS(shutdown), 1, SHUT_RDWR) && kills(SCMP_SYS(shutdown), 1, SHUT_RD),
       "a socket is shut as a whole");
}

static bool aborts(uint64_t pid)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(SELF, code), NULL};
    struct seccomp_data d = {
        .nr = SCMP_SYS(tgkill), .arch = NATIVE_ARCH, .args = {pid, pid, SIGABRT}};

    return bpf_run(&f, &d) == SECCOMP_RET_ALLOW;
}

/* Nothing that names a file, a process or a right. */
static void check_rights(void)
{
    static const int gone[] = {
        SCMP_SYS(openat),          SCMP_SYS(kill),       SCMP_SYS(pidfd_send_signal),
        SCMP_SYS(unlinkat),        SCMP_SYS(getdents64), SCMP_SYS(flock),
        SCMP_SYS(wait4),           SCMP_SYS(waitid),     SCMP_SYS(linkat),
        SCMP_SYS(renameat),        SCMP_SYS(fchmod),     SCMP_SYS(readlinkat),
        SCMP_SYS(fstatfs),         SCMP_SYS(geteuid),    SCMP_SYS(clock_nanosleep),
        SCMP_SYS(sendmsg),         SCMP_SYS(accept4),    SCMP_SYS(fcntl),
        SCMP_SYS(process_vm_readv)};
    unsigned pass = 0;

    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        for (unsigned arg = 0; arg < 6; arg++)
            for (uint64_t value = 0; value < 16; value++)
                pass += !kills(gone[i], arg, value);
    ok(pass == 0, "%zu calls that the broker makes in its place kill",
       sizeof gone / sizeof gone[0]);
    ok(kills(SCMP_SYS(ioctl), 1, SECCOMP_IOCTL_NOTIF_RECV) && kills(SCMP_SYS(ioctl), 1, TIOCSTI) &&
           allows(SCMP_SYS(ioctl), 1, TCGETS),
       "no listener is its own, no terminal is typed into");
    ok(allows(SCMP_SYS(accept4), 3, SOCK_CLOEXEC | SOCK_NONBLOCK) &&
           kills(SCMP_SYS(accept4), 3, 0) && kills(SCMP_SYS(getsockopt), 2, SO_PEERSEC) &&
           kills(SCMP_SYS(setsockopt), 2, SO_PEERCRED),
       "of a socket that listens it takes callers, and who they are");
    ok(allows(SCMP_SYS(recvmsg), 0, 0), "it hears its broker");
    ok(aborts(SELF) && !aborts(SELF + 1) && !aborts(1), "abort(3) is its own alone");
}

int main(void)
{
    check_numbers();
    check_rights();
    check_memory();
    return done();
}
