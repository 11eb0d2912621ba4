/* Where the C library and Lua give up. Their own ways write to descriptor 2, raise SIGABRT with
 * tgkill(2), or dump core: under the filter that would look like an attack. An illegal instruction
 * is plainly a crash. The linker redirects all callers of abort(3) and the like here, also within
 * the C library (INSTEAD in the Makefile); no libc name is redefined. */
#include "runtime/script/core/crash.h"

#include "runtime/arch/arch.h"

_Noreturn void crash(void)
{
    for (;;)
        ARCH_TRAP();
}
