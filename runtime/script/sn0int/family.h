/* What sn0int makes of an entity before it is sent: values in one spelling, fields made of others. */
#ifndef SCRIPT_SN0INT_FAMILY_H
#define SCRIPT_SN0INT_FAMILY_H

#include <stdbool.h>

struct lua_State;
struct record;

/* The entity of kind R is the table on top, its keys there and of their type. Changes it; 1. Or push
 * what is wrong with it; 0. */
int family_check(struct lua_State *L, const struct record *r);

#endif
