/* Grants of mounts, "/PATH" or "/PATH:MODE". */
#ifndef PLAN_GRANT_MOUNT_H
#define PLAN_GRANT_MOUNT_H

#include <stdbool.h>

struct str;

#define MOUNT_GRANT_SHAPE "mount:/PATH[:rw]"

/* NULL, or what is wrong with VALUE, the text after "mount:". */
const char *mount_grant_check(const char *value);

/* GIVEN covers ASKED, both of the right form: its path or one below, with no more than its mode. */
bool mount_grant_covers(const char *given, const char *asked);

/* Append the grant that gives just PATH, to write where RW: what mount_grant_check() accepts. */
void mount_grant_text(const char *path, bool rw, struct str *out);

#endif
