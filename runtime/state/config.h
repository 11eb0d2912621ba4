/* The user's own files of configuration: $XDG_CONFIG_HOME/runbox (else $HOME/.config/runbox). Read
 * only where nobody else could have written or, for secrets, read them; written whole or not at all.
 * Source: XDG Base Directory Specification 0.8. */
#ifndef STATE_CONFIG_H
#define STATE_CONFIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"

#define CONFIG_PATH_MAX 4096
#define CONFIG_FILE_MAX (1u << 20) /* bytes of one file */

struct config {
    int dir;                    /* -1: there is none */
    bool denied;                /* ... that may be looked into */
    char path[CONFIG_PATH_MAX]; /* of it, for messages */
};

enum config_rule {
    CONFIG_TRUSTED, /* written by its owner alone: a policy */
    CONFIG_SECRET,  /* and read by its owner alone: keys */
    CONFIG_GIVEN /* closed to strangers: a service manager's file, whose group bits are an ACL's */
};

/* Find the directory; with MAKE, make it (0700) where it is not there. 1: open; 0: there is none, or
 * neither variable says where; -1 and *WHY (SETUP), as where it is a link to nowhere. config_close() in every case. */
int config_open(bool make, struct config *c, struct fault *why);
void config_close(struct config *c);

/* "PATH/NAME" for messages. OUT: CONFIG_PATH_MAX bytes. Returns OUT. */
const char *config_name(const struct config *c, const char *name, char *out);

/* Wait, ten seconds at most, for the lock that writers of NAME hold (flock(2) on a file beside it). A descriptor, whose
 * closing unlocks, or -1 and *WHY. */
int config_lock(const struct config *c, const char *name, struct fault *why);

/* Add the bytes of C's file NAME to TEXT, in one piece of memory. 1; 0 where there is no such file;
 * -1 and *WHY (SETUP) where it is not a regular file, belongs to another user, or is open to others
 * beyond RULE, or its directory can be written by others. */
int config_read(const struct config *c, const char *name, enum config_rule rule, struct str *text,
                struct fault *why);

/* The same for any file, relative to DIR, called WHERE in *WHY, that must belong to OWNER (-1: anybody,
 * for files that a service manager made). */
int config_read_at(int dir, const char *name, const char *where, uid_t owner, enum config_rule rule,
                   struct str *text, struct fault *why);

/* Make TEXT the whole of file NAME, 0600: a new file, synced, then renamed over the old one. */
int config_write(const struct config *c, const char *name, const struct str *text,
                 struct fault *why);

#endif
