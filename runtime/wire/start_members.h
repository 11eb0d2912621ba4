/* Internal to wire/: members that start lines and job lines share, stored in a struct start. */
#ifndef WIRE_START_MEMBERS_H
#define WIRE_START_MEMBERS_H

#include "runtime/wire/source.h"

struct start;

int start_take_export(const struct source *from, void *to, struct json_object *value);
int start_take_arg(const struct source *from, void *to, struct json_object *value);
int start_take_options(const struct source *from, void *to, struct json_object *value);
int start_take_verbose(const struct source *from, void *to, struct json_object *value);
int start_take_keyring(const struct source *from, void *to, struct json_object *value);

/* Check that a script can hold every integer in the argument and the options. 0, or -1 and *WHY. */
int start_exact(const struct start *s, struct fault *why);

#endif
