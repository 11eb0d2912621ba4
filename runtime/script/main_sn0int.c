/* runbox-sn0int: the box program of `runbox sandbox`, and the only one with sn0int's library. */
#include "runtime/script/sn0int/sandbox.h"
#include "runtime/script/start/start.h"
#include "schemas/setup.h"

static lua_CFunction module_job(uint32_t flags)
{
    return (flags & (SETUP_SANDBOX | SETUP_CHECK | SETUP_TEMPLATE)) == SETUP_SANDBOX ? sandbox_run
                                                                                     : NULL;
}

int main(int argc, char **argv)
{
    static const struct program program = {"runbox-sn0int", module_job, NULL};

    return start_program(&program, argc, argv);
}
