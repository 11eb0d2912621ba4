/* Mount grants, "/PATH" or "/PATH:MODE". */
#ifndef PLAN_GRANT_MOUNT_H
#define PLAN_GRANT_MOUNT_H

#include <stdbool.h>

struct str;

#define MOUNT_GRANT_SHAPE "mount:/PATH[:rw]"

/* Check VALUE, the text after "mount:". NULL, or what is wrong with it. */
const char *mount_grant_check(const char *value);

/* Whether GIVEN covers ASKED, both well-formed: its path or one below, in no more than its mode. */
bool mount_grant_covers(const char *given, const char *asked);

/* Append the grant for just PATH, writable if RW, as mount_grant_check() accepts it. */
void mount_grant_text(const char *path, bool rw, struct str *out);

#endif
