/* System calls for a process that shares its monitor's memory. A box's setup runs between clone3
 * with CLONE_VM and execve: libc's wrappers would write the monitor's errno (one thread pointer,
 * two processes), so the setup calls the kernel itself. Each returns what the kernel returns:
 * -errno on failure. x86-64 calling convention: syscall(2), "Architecture calling conventions". */
#ifndef JAIL_SYS_H
#define JAIL_SYS_H

#include <sys/syscall.h>

#ifndef __x86_64__
#error "runbox knows the system call convention of x86-64 only"
#endif

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long ret;

    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}

#define SYS_ARG(x)           ((long)(x))
#define sys0(nr)             sys6(nr, 0, 0, 0, 0, 0, 0)
#define sys1(nr, a)          sys6(nr, SYS_ARG(a), 0, 0, 0, 0, 0)
#define sys2(nr, a, b)       sys6(nr, SYS_ARG(a), SYS_ARG(b), 0, 0, 0, 0)
#define sys3(nr, a, b, c)    sys6(nr, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), 0, 0, 0)
#define sys4(nr, a, b, c, d) sys6(nr, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d), 0, 0)
#define sys5(nr, a, b, c, d, e) \
    sys6(nr, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d), SYS_ARG(e), 0)

#endif
