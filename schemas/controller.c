/* Names of controllers as the kernel's files spell them. */
#include "schemas/controller.h"

const char *controller_text(enum controller c, enum hierarchy h)
{
    static const char *const names[CONTROLLER__COUNT] = {"memory", "pids", "cpu", "io"};

    return c == CONTROLLER_IO && h == HIERARCHY_V1 ? "blkio" : names[c];
}
