/* The monitor's own seccomp programs, run over every number by a small interpreter: what is not in the table
 * kills, and what is in it opens no file to write and starts nothing. */
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

#define BOX            4711
#define ARTIFACT_FLAGS (O_TMPFILE | O_WRONLY | O_CLOEXEC)
#define REPORT_FLAGS   (O_WRONLY | O_CLOEXEC | O_NOCTTY)

static uint32_t verdict(unsigned more, uint32_t arch, int nr, unsigned arg, uint64_t value)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(more, BOX, code), NULL};
    struct seccomp_data d = {.nr = nr, .arch = arch};

    d.args[arg] = value;
    return bpf_run(&f, &d);
}

static bool kills(unsigned more, int nr, unsigned arg, uint64_t value)
{
    return verdict(more, AUDIT_ARCH_X86_64, nr, arg, value) == SECCOMP_RET_KILL_PROCESS;
}

static bool allows(unsigned more, int nr, unsigned arg, uint64_t value)
{
    return verdict(more, AUDIT_ARCH_X86_64, nr, arg, value) == SECCOMP_RET_ALLOW;
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

static void check_numbers(unsigned more, const char *name)
{
    const uint64_t odd = 0xfeedfacedeadbeefull;
    unsigned passed = 0, foreign = 0, prized = 0;

    for (int nr = 0; nr < NUMBERS; nr++) {
        bool pass = false;

        for (unsigned arg = 0; arg < 6; arg++)
            pass |= !kills(more, nr, arg, odd);
        passed += pass;
        foreign += verdict(more, AUDIT_ARCH_X86_64, nr | X32, 0, 0) != SECCOMP_RET_KILL_PROCESS ||
                   verdict(more, AUDIT_ARCH_I386, nr, 0, 0) != SECCOMP_RET_KILL_PROCESS;
    }
    for (size_t i = 0; i < sizeof prizes / sizeof prizes[0]; i++)
        for (unsigned arg = 0; arg < 6; arg++)
            prized += !kills(more, prizes[i], arg, 0) || !kills(more, prizes[i], arg, odd);
    ok(passed >= 20 && passed < 40, "%s: of %d numbers, %u pass with odd arguments", name, NUMBERS,
       passed);
    ok(foreign == 0, "%s: x32 and i386 calls kill", name);
    ok(prized == 0, "%s: %zu calls that would lead further kill", name,
       sizeof prizes / sizeof prizes[0]);
    ok(allows(more, -1, 0, 0), "%s: a call that a tracer skips goes on, to nothing", name);
}

/* A new file; a FIFO; the old file where there can be no new one. */
static bool is_report(uint64_t flags)
{
    return flags == (REPORT_FLAGS | O_CREAT | O_EXCL) || flags == (REPORT_FLAGS | O_NONBLOCK) ||
           flags == (REPORT_FLAGS | O_NONBLOCK | O_NOFOLLOW);
}

/* Every combination of the flags that the kernel knows. */
static void check_openat(unsigned more, const char *name)
{
    unsigned wrong = 0, refused = 0;

    for (uint64_t flags = 0; flags < 1u << 23; flags++) {
        uint32_t got = verdict(more, AUDIT_ARCH_X86_64, __NR_openat, 2, flags);
        bool reads = !(flags & (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY)));
        bool may = reads || (more & FILTER_ARTIFACTS && flags == ARTIFACT_FLAGS) ||
                   (more & FILTER_REPORT && is_report(flags));
        bool group = flags == (O_WRONLY | O_CLOEXEC);

        refused += got == (SECCOMP_RET_ERRNO | EACCES);
        wrong += got != (may     ? SECCOMP_RET_ALLOW
                         : group ? SECCOMP_RET_ERRNO | EACCES
                                 : SECCOMP_RET_KILL_PROCESS);
    }
    ok(wrong == 0 && refused == 1, "%s: openat to read, and what its options need", name);
    ok(allows(more, __NR_linkat, 4, AT_SYMLINK_FOLLOW) == ((more & FILTER_ARTIFACTS) != 0),
       "%s: linkat for artifacts alone", name);
    ok(allows(more, __NR_renameat, 0, 0) == ((more & FILTER_REPORT) != 0) &&
           allows(more, __NR_unlinkat, 2, 0) == ((more & FILTER_REPORT) != 0) &&
           allows(more, __NR_ftruncate, 1, 0) == ((more & FILTER_REPORT) != 0) &&
           allows(more, __NR_fstatfs, 1, 0) == ((more & FILTER_REPORT) != 0),
       "%s: a file is renamed or removed for a report alone", name);
}

static void check_arguments(void)
{
    ok(allows(0, __NR_process_vm_readv, 0, BOX) && kills(0, __NR_process_vm_readv, 0, FILTER_BOX) &&
           kills(0, __NR_process_vm_readv, 0, 1ull << 32 | BOX) &&
           kills(0, __NR_process_vm_writev, 0, BOX),
       "the box's memory is read, nobody else's, and none is written");
    ok(allows(0, __NR_ioctl, 1, SECCOMP_IOCTL_NOTIF_RECV) &&
           kills(0, __NR_ioctl, 1, SECCOMP_IOCTL_NOTIF_SEND) &&
           kills(0, __NR_ioctl, 1, SECCOMP_IOCTL_NOTIF_ADDFD) && kills(0, __NR_ioctl, 1, TIOCSTI),
       "a notification is read, never answered");
    ok(allows(0, __NR_unlinkat, 2, AT_REMOVEDIR) && kills(0, __NR_unlinkat, 2, 0),
       "directories are removed, files never");
    ok(kills(0, __NR_mprotect, 2, PROT_EXEC) && allows(0, __NR_mprotect, 2, PROT_READ),
       "memory never becomes code");
    ok(kills(0, __NR_kill, 1, SIGTERM) && allows(0, __NR_kill, 1, SIGKILL) &&
           kills(0, __NR_pidfd_send_signal, 1, SIGTERM) && kills(0, __NR_tgkill, 2, SIGKILL),
       "no signal but the kill");
    ok(allows(0, __NR_shutdown, 1, SHUT_RDWR) && kills(0, __NR_shutdown, 1, SHUT_RD),
       "a socket is shut as a whole");
}

static void check_kill_and_mmap(void)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(0, BOX, code), NULL};
    struct seccomp_data d = {.nr = __NR_kill, .arch = AUDIT_ARCH_X86_64, .args = {0, SIGKILL}};
    unsigned wrong = 0;

    for (uint64_t high = 0; high < 4; high++)
        for (uint64_t low = 0xfffffff0; low <= 0xffffffff; low++) {
            d.args[0] = high << 32 | low;
            wrong += bpf_run(&f, &d) != SECCOMP_RET_KILL_PROCESS;
        }
    ok(wrong == 0, "kill(2) of one process, never of a group or of all");
    d = (struct seccomp_data){.nr = __NR_mmap, .arch = AUDIT_ARCH_X86_64};
    d.args[2] = PROT_READ | PROT_WRITE;
    d.args[3] = MAP_PRIVATE | MAP_ANONYMOUS;
    ok(bpf_run(&f, &d) == SECCOMP_RET_ALLOW, "malloc's mmap");
    d.args[2] |= PROT_EXEC;
    ok(bpf_run(&f, &d) == SECCOMP_RET_KILL_PROCESS, "no memory for code");
    d.args[2] = PROT_READ;
    d.args[3] = MAP_PRIVATE;
    ok(bpf_run(&f, &d) == SECCOMP_RET_KILL_PROCESS, "no mapping of a file");
}

static bool aborts(uint64_t pid)
{
    struct sock_filter code[FILTER_MONITOR_MAX];
    const struct filter f = {code, filter_monitor(FILTER_SPLIT, BOX, code), NULL};
    struct seccomp_data d = {
        .nr = __NR_tgkill, .arch = AUDIT_ARCH_X86_64, .args = {pid, pid, SIGABRT}};

    return bpf_run(&f, &d) == SECCOMP_RET_ALLOW;
}

/* Of a monitor that has a broker: nothing that names a file, a process or a right. */
static void check_split(void)
{
    static const int gone[] = {__NR_openat,          __NR_kill,       __NR_pidfd_send_signal,
                               __NR_unlinkat,        __NR_getdents64, __NR_flock,
                               __NR_wait4,           __NR_waitid,     __NR_linkat,
                               __NR_renameat,        __NR_ftruncate,  __NR_readlinkat,
                               __NR_fstatfs,         __NR_geteuid,    __NR_clock_nanosleep,
                               __NR_sendmsg,         __NR_accept4,    __NR_fcntl,
                               __NR_process_vm_readv};
    unsigned pass = 0;

    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        for (unsigned arg = 0; arg < 6; arg++)
            for (uint64_t value = 0; value < 16; value++)
                pass += !kills(FILTER_SPLIT, gone[i], arg, value);
    ok(pass == 0, "split: %zu calls that the broker makes in its place kill",
       sizeof gone / sizeof gone[0]);
    ok(kills(FILTER_SPLIT, __NR_ioctl, 1, SECCOMP_IOCTL_NOTIF_RECV) &&
           kills(FILTER_SPLIT, __NR_ioctl, 1, TIOCSTI) &&
           allows(FILTER_SPLIT, __NR_ioctl, 1, TCGETS),
       "split: no listener is its own, no terminal is typed into");
    ok(allows(FILTER_SPLIT, __NR_recvmsg, 0, 0), "split: it hears its broker");
    ok(aborts(BOX) && !aborts(BOX + 1) && !aborts(1), "split: abort(3) is its own alone");
}

int main(void)
{
    static const char *const names[] = {"plain", "--artifacts", "--report", "both"};

    for (unsigned more = 0; more < 4; more++) {
        check_numbers(more, names[more]);
        check_openat(more, names[more]);
    }
    check_numbers(FILTER_SPLIT, "split");
    check_split();
    check_arguments();
    check_kill_and_mmap();
    return done();
}
