/* runbox-lua: the box program of bundles, their templates, and `runbox check`. */
#include "runtime/script/check/bytecode.h"
#include "runtime/script/check/check.h"
#include "runtime/script/lib/run.h"
#include "runtime/script/start/start.h"
#include "schemas/setup.h"

static lua_CFunction bundle_job(uint32_t flags)
{
    if (flags & SETUP_SANDBOX)
        return NULL;
    return flags & SETUP_CHECK ? check_bundle : flags & SETUP_TEMPLATE ? run_template : run_bundle;
}

int main(int argc, char **argv)
{
    static const struct program program = {"runbox-lua", bundle_job, NULL, bytecode_known};

    return start_program(&program, argc, argv);
}
