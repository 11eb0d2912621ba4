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
    return verdict(AUDIT_ARCH_X86_64, nr, arg, value) == SECCOMP_RET_KILL_PROCESS;
}

static bool allows(int nr, unsigned arg, uint64_t value)
{
    return verdict(AUDIT_ARCH_X86_64, nr, arg, value) == SECCOMP_RET_ALLOW;
}

/* What a taken-over monitor would want most, whatever the arguments. */
static const int prizes[] = {__NR_execve,
                             __NR_execveat,
                             __NR_fork,
                             __NR_vfork,
                             __NR_clone,
                             __NR_clone3,
                             __NR_socket,
                             __NR_connect,
                             __NR_ptrace,
                             __NR_mount,
                             __NR_bpf,
                             __NR_process_vm_readv,
                             __NR_process_vm_writev,
                             __NR_setuid,
                             __NR_setresuid,
                             __NR_capset,
                             __NR_prctl,
                             __NR_seccomp,
                             __NR_unshare,
                             __NR_setns,
                             __NR_open,
                             __NR_openat2,
                             __NR_creat,
                             __NR_rename,
                             __NR_renameat2,
                             __NR_unlink,
                             __NR_rmdir,
                             __NR_chmod,
                             __NR_fchmodat,
                             __NR_fchownat,
                             __NR_symlinkat,
                             __NR_link,
                             __NR_mkdirat,
                             __NR_mknodat,
                             __NR_truncate,
                             __NR_keyctl,
                             __NR_init_module,
                             __NR_finit_module,
                             __NR_kexec_load,
                             __NR_reboot,
                             __NR_pidfd_getfd,
                             __NR_io_uring_setup,
                             __NR_userfaultfd,
                             __NR_sendmsg,
                             __NR_pidfd_open,
                             __NR_setxattr,
                             __NR_ioperm,
                             __NR_perf_event_open,
                             __NR_chroot,
                             __NR_pivot_root};

static void check_numbers(void)
{
    const uint64_t odd = 0xfeedfacedeadbeefull;
    unsigned passed = 0, foreign = 0, prized = 0;

    for (int nr = 0; nr < NUMBERS; nr++) {
        bool pass = false;

        for (unsigned arg = 0; arg < 6; arg++)
            pass |= !kills(nr, arg, odd);
        passed += pass;
        foreign += verdict(AUDIT_ARCH_X86_64, nr | X32, 0, 0) != SECCOMP_RET_KILL_PROCESS ||
                   verdict(AUDIT_ARCH_I386, nr, 0, 0) != SECCOMP_RET_KILL_PROCESS;
    }
    for (size_t i = 0; i < sizeof prizes / sizeof prizes[0]; i++)
        for (unsigned arg = 0; arg < 6; arg++)
            prized += !kills(prizes[i], arg, 0) || !kills(prizes[i], arg, odd);
    ok(passed >= 15 && passed < 30, "of %d numbers, %u pass with odd arguments", NUMBERS, passed);
    ok(foreign == 0, "x32 and i386 calls kill");
    ok(prized == 0, "%zu calls that would lead further kill", sizeof prizes / sizeof prizes[0]);
    ok(allows(-1, 0, 0), "a call that a tracer skips goes on, to nothing");
}

static void check_memory(void)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(SELF, code), NULL};
    struct seccomp_data d = {.nr = __NR_mmap, .arch = AUDIT_ARCH_X86_64};

    ok(kills(__NR_mprotect, 2, PROT_EXEC) && allows(__NR_mprotect, 2, PROT_READ),
       "memory never becomes code");
    d.args[2] = PROT_READ | PROT_WRITE;
    d.args[3] = MAP_PRIVATE | MAP_ANONYMOUS;
    ok(bpf_run(&f, &d) == SECCOMP_RET_ALLOW, "malloc's mmap");
    d.args[2] |= PROT_EXEC;
    ok(bpf_run(&f, &d) == SECCOMP_RET_KILL_PROCESS, "no memory for code");
    d.args[2] = PROT_READ;
    d.args[3] = MAP_PRIVATE;
    ok(bpf_run(&f, &d) == SECCOMP_RET_KILL_PROCESS, "no mapping of a file");
    ok(allows(__NR_shutdown, 1, SHUT_RDWR) && kills(__NR_shutdown, 1, SHUT_RD),
       "a socket is shut as a whole");
}

static bool aborts(uint64_t pid)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(SELF, code), NULL};
    struct seccomp_data d = {
        .nr = __NR_tgkill, .arch = AUDIT_ARCH_X86_64, .args = {pid, pid, SIGABRT}};

    return bpf_run(&f, &d) == SECCOMP_RET_ALLOW;
}

/* Nothing that names a file, a process or a right. */
static void check_rights(void)
{
    static const int gone[] = {__NR_openat,          __NR_kill,       __NR_pidfd_send_signal,
                               __NR_unlinkat,        __NR_getdents64, __NR_flock,
                               __NR_wait4,           __NR_waitid,     __NR_linkat,
                               __NR_renameat,        __NR_fchmod,     __NR_readlinkat,
                               __NR_fstatfs,         __NR_geteuid,    __NR_clock_nanosleep,
                               __NR_sendmsg,         __NR_accept4,    __NR_fcntl,
                               __NR_process_vm_readv};
    unsigned pass = 0;

    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        for (unsigned arg = 0; arg < 6; arg++)
            for (uint64_t value = 0; value < 16; value++)
                pass += !kills(gone[i], arg, value);
    ok(pass == 0, "%zu calls that the broker makes in its place kill",
       sizeof gone / sizeof gone[0]);
    ok(kills(__NR_ioctl, 1, SECCOMP_IOCTL_NOTIF_RECV) && kills(__NR_ioctl, 1, TIOCSTI) &&
           allows(__NR_ioctl, 1, TCGETS),
       "no listener is its own, no terminal is typed into");
    ok(allows(__NR_accept4, 3, SOCK_CLOEXEC | SOCK_NONBLOCK) && kills(__NR_accept4, 3, 0) &&
           kills(__NR_getsockopt, 2, SO_PEERSEC) && kills(__NR_setsockopt, 2, SO_PEERCRED),
       "of a socket that listens it takes callers, and who they are");
    ok(allows(__NR_recvmsg, 0, 0), "it hears its broker");
    ok(aborts(SELF) && !aborts(SELF + 1) && !aborts(1), "abort(3) is its own alone");
}

int main(void)
{
    check_numbers();
    check_rights();
    check_memory();
    return done();
}
