/* System calls by the kernel's convention: each returns its result or -errno, so that a step of the
 * jail is one expression and its failure one number. */
#ifndef JAIL_SYS_H
#define JAIL_SYS_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
    long r = syscall(nr, a, b, c, d, e, f);

    return r < 0 ? -errno : r;
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
