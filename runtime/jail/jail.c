/* Preparing a jail in the monitor, and the clone itself. Trusts the plan. */
#include "runtime/jail/jail.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "runtime/jail/idmap.h"
#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define PAGE       4096ull
#define STACK_SIZE (64 * 1024)

/* The size of a tmpfs that holds the bundle: each file in whole pages, and some for directories. */
static uint64_t bundle_pages(const struct bundle *b)
{
    uint64_t bytes = 64 * PAGE;

    for (size_t i = 0; i < b->count; i++)
        bytes += (b->files[i].size + PAGE - 1) / PAGE * PAGE;
    return bytes;
}

static int sources_prepare(struct jail *j, struct fault *why)
{
    const struct plan *p = j->plan;

    j->sources = malloc(p->mount_count * sizeof *j->sources);
    if (!j->sources)
        return fault_set(why, STATUS_SETUP, ENOMEM, "jail", "mount sources");
    for (size_t i = 0; i < p->mount_count; i++)
        j->sources[i] = -1;
    for (size_t i = 0; p->own_ids && i < p->mount_count; i++) {
        long fd = p->mounts[i].inside ? -1 : source_open(p->mounts[i].source);

        if (fd < 0 && !p->mounts[i].inside)
            return fault_set(why, STATUS_SETUP, (int)-fd, p->mounts[i].source,
                             fd == -ELOOP
                                 ? "a mount's source must have no symbolic link in its path"
                                 : "opening the mount's source");
        j->sources[i] = (int)fd;
    }
    return 0;
}

struct jail_shape jail_shape_of(const struct plan *p)
{
    return (struct jail_shape){.files = p->profile != PROFILE_COMPUTE,
                               .host_network = p->network == NETWORK_HOST};
}

int jail_prepare(struct jail *j, const struct plan *p, const struct bundle *b, int wire, int exe,
                 struct fault *why)
{
    j->plan = p;
    j->bundle = b;
    j->wire = wire;
    j->exe = exe;
    if (j->shape.files) {
        j->bundle_bytes = bundle_pages(b);
        /* An inode for each file, a directory or more for each, and the targets' own. */
        snprintf(j->tmpfs_root, sizeof j->tmpfs_root, "size=%llu,nr_inodes=%zu,mode=755",
                 (unsigned long long)j->bundle_bytes, b->count * 16 + p->mount_count * 64 + 64);
        snprintf(j->tmpfs_scratch, sizeof j->tmpfs_scratch, "size=%llu,nr_inodes=%llu,mode=700",
                 (unsigned long long)p->scratch, (unsigned long long)(p->scratch / 1024 + 64));
    }
    return p->mount_count ? sources_prepare(j, why) : 0;
}

void jail_release(struct jail *j)
{
    for (size_t i = 0; j->plan && j->sources && i < j->plan->mount_count; i++)
        if (j->sources[i] >= 0)
            close(j->sources[i]);
    free(j->sources);
    j->sources = NULL;
}

/* clone3(2) has no wrapper in libc, and a child on a new stack cannot return through one: the
 * child's first instruction after the system call is the call of ENTER(J). RBP is zeroed so that a
 * debugger's backtrace ends there. */
static long clone_call(struct clone_args *args, struct jail *j)
{
    register void (*enter)(struct jail *) __asm__("r12") = jail_enter;
    register struct jail *arg __asm__("r13") = j;
    long ret;

    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "mov %%r13, %%rdi\n\t"
                     "call *%%r12\n\t"
                     "ud2\n"
                     "1:"
                     : "=a"(ret)
                     : "0"(SYS_clone3), "D"(args), "S"(sizeof *args), "r"(enter), "r"(arg)
                     : "rcx", "r11", "memory");
    return ret;
}

void jail_spread(int pid)
{
    cpu_set_t all, others;
    int here = sched_getcpu();

    if (here < 0 || sched_getaffinity(pid, sizeof all, &all) < 0)
        return;
    others = all;
    CPU_CLR((unsigned)here, &others);
    /* It moves at once; given back, the old set moves it no more. Where another task has that processor for long,
     * this one can have it back as soon as its parent waits. */
    if (CPU_COUNT(&others) && sched_setaffinity(pid, sizeof others, &others) == 0)
        sched_setaffinity(pid, sizeof all, &all);
}

int jail_clone(struct jail *j, int cgroup, int *pidfd)
{
    /* One child at a time is on it: box_create() goes on only when the child has exec'd or died. */
    static char stack[STACK_SIZE] __attribute__((aligned(64)));
    /* Shared memory saves the copy of the monitor's page tables and every copy-on-write fault of
     * both (some 8 us each); shared descriptors let the monitor open the groups while the child
     * mounts. Handlers are reset: one that ran in the child would write the monitor's memory.
     * The time namespace is cloned, not unshared: a kernel before 6.2 enters it here (and maps its
     * clocks, which are no different yet, for the monitor too), a later one at exec; what is
     * unshared with shared memory an early one never enters. */
    struct clone_args args = {
        .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                 CLONE_NEWTIME | CLONE_VM | CLONE_FILES | CLONE_PIDFD | CLONE_CLEAR_SIGHAND |
                 CLONE_CHILD_CLEARTID | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0ull),
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .child_tid = (uint64_t)(uintptr_t)&j->shared,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
        .cgroup = (unsigned)(cgroup >= 0 ? cgroup : 0),
    };
    j->shared = 1;

    long pid = clone_call(&args, j);

    if (pid < 0) {
        errno = (int)-pid;
        return -1;
    }
    return (int)pid;
}
