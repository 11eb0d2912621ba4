/* Where the C library and Lua give up. Their own versions write to descriptor 2, send themselves
 * SIGABRT with tgkill(2), or dump: behind the filter all of that would look like an attack. An
 * illegal instruction says what it is: a crash. These definitions take the place of the C library's
 * in the static link. */
#include <stdlib.h>

#include "runtime/script/crash.h"

/* glibc declares none of these in a public header. */
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail_local(void);
_Noreturn void __chk_fail(void);
_Noreturn void __fortify_fail(const char *what);
_Noreturn void __libc_fatal(const char *what);
_Noreturn void __libc_message(int action, const char *format, ...);
_Noreturn void __assert_fail(const char *what, const char *file, unsigned line, const char *where);

_Noreturn void crash(void)
{
    for (;;)
        __builtin_trap();
}

void abort(void)
{
    crash();
}

void __stack_chk_fail(void)
{
    crash();
}

void __stack_chk_fail_local(void)
{
    crash();
}

void __chk_fail(void)
{
    crash();
}

void __fortify_fail(const char *what)
{
    (void)what;
    crash();
}

void __libc_fatal(const char *what)
{
    (void)what;
    crash();
}

void __libc_message(int action, const char *format, ...)
{
    (void)action;
    (void)format;
    crash();
}

void __assert_fail(const char *what, const char *file, unsigned line, const char *where)
{
    (void)what;
    (void)file;
    (void)line;
    (void)where;
    crash();
}
