/* Where the C library and Lua give up. Their own ways write to descriptor 2, send themselves SIGABRT with tgkill(2), or
 * dump: behind the filter all of that would look like an attack. An illegal instruction says what it is: a crash. The
 * linker leads here whoever calls abort(3) and its like, the C library's own code too (INSTEAD in the Makefile); none
 * of its names is defined anew. */
#include "runtime/script/core/crash.h"

_Noreturn void crash(void)
{
    for (;;)
        __builtin_trap();
}
