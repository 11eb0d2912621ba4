/* Internal to wire/: members that start lines and job lines share, stored in a struct start. */
#ifndef WIRE_START_MEMBERS_H
#define WIRE_START_MEMBERS_H

#include "runtime/wire/source.h"

int start_take_arg(const struct source *from, void *to, struct json_object *value);
int start_take_options(const struct source *from, void *to, struct json_object *value);
int start_take_verbose(const struct source *from, void *to, struct json_object *value);
int start_take_keyring(const struct source *from, void *to, struct json_object *value);

#endif
