/* runbox-sn0int: the box program of `runbox sandbox`, and the only one with sn0int's library. */
#include "runtime/script/arena/heap.h"
#include "runtime/script/core/box.h"
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/start/start.h"
#include "schemas/setup.h"

/* A library cannot be told as Lua is that memory is short. */
static void module_short(void *box, int tries)
{
    if (tries || !sandbox_collect())
        box_exit_limit(box, "memory", "not enough memory");
}

static int module_run(lua_State *L)
{
    heap_on_short(module_short, box_of(L));
    return sandbox_run(L);
}

static lua_CFunction module_job(uint32_t flags)
{
    return (flags & (SETUP_SANDBOX | SETUP_CHECK | SETUP_TEMPLATE)) == SETUP_SANDBOX ? module_run
                                                                                     : NULL;
}

int main(int argc, char **argv)
{
    static const struct program program = {"runbox-sn0int", module_job, sandbox_libraries, NULL};

    return start_program(&program, argc, argv);
}
