/* The life of a template: see schemas/setup.h. */
#ifndef SCRIPT_CORE_TEMPLATE_H
#define SCRIPT_CORE_TEMPLATE_H

#include "runtime/script/core/box.h"

/* Fork boxes on the broker's orders. Returns in each box, confined and on its own wire. Never
 * returns in the template, which ends with its broker. */
void template_serve(struct box *b);

#endif
