/* The life of a template: see schemas/setup.h. */
#ifndef SCRIPT_CORE_TEMPLATE_H
#define SCRIPT_CORE_TEMPLATE_H

#include "runtime/script/core/box.h"

/* Load the template's filter, and fork boxes on the broker's orders. Returns in each box, behind its
 * own filter and on its own wire, where it has said that it is ready. Never returns in the template,
 * which ends with its broker. */
void template_serve(struct box *b);

#endif
