/* The user's own configuration files: $XDG_CONFIG_HOME/runbox (else $HOME/.config/runbox). Read
 * only if no other user could have written them or, for secrets, read them; written whole or not at
 * all. Source: XDG Base Directory Specification 0.8. */
#ifndef STATE_CONFIG_H
#define STATE_CONFIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"

#define CONFIG_PATH_MAX 4096
#define CONFIG_FILE_MAX (1u << 20) /* bytes of one file */

struct config {
    int dir;                    /* -1: none is open */
    bool denied;                /* ... because opening it gave EACCES */
    char path[CONFIG_PATH_MAX]; /* of .dir, for messages */
};

enum config_rule {
    CONFIG_TRUSTED, /* writable by its owner alone: a policy */
    CONFIG_SECRET,  /* also readable by its owner alone: keys */
    CONFIG_GIVEN    /* closed to others: a service manager's file, whose group bits are an ACL's */
};

/* Open the directory; with MAKE, create it (0700) if missing. 1: open; 0: there is none, or no
 * variable gives a path; -1 and *WHY (SETUP), also for a dangling link. config_close() always. */
int config_open(bool make, struct config *c, struct fault *why);
void config_close(struct config *c);

/* "PATH/NAME" for messages. OUT: CONFIG_PATH_MAX bytes. Returns OUT. */
const char *config_name(const struct config *c, const char *name, char *out);

/* Wait at most ten seconds for the lock that writers of NAME hold (flock(2) on a file beside it). A
 * descriptor, whose closing unlocks, or -1 and *WHY. */
int config_lock(const struct config *c, const char *name, struct fault *why);

/* Append the bytes of C's file NAME to TEXT, in one allocation. 1; 0 where there is no such file;
 * -1 and *WHY (SETUP) where it is not a regular file, belongs to another user, has a mode wider
 * than RULE allows, or its directory is writable by others. */
int config_read(const struct config *c, const char *name, enum config_rule rule, struct str *text,
                struct fault *why);

/* The same for any file, relative to DIR and called WHERE in *WHY, which must belong to OWNER (-1:
 * any user, for files that a service manager made). */
int config_read_at(int dir, const char *name, const char *where, uid_t owner, enum config_rule rule,
                   struct str *text, struct fault *why);

/* Replace file NAME with TEXT, mode 0600: a new file, synced, then renamed over the old one. */
int config_write(const struct config *c, const char *name, const struct str *text,
                 struct fault *why);

#endif
