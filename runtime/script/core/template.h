/* The life of a template: see schemas/setup.h. */
#ifndef SCRIPT_CORE_TEMPLATE_H
#define SCRIPT_CORE_TEMPLATE_H

#include "runtime/script/core/box.h"

/* Fork boxes to the monitor's orders. Returns in each box, confined and on its own wire. Never returns in the
 * template: it ends with its monitor. */
void template_serve(struct box *b);

#endif
