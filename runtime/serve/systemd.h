/* What a service manager passes in, and what it is notified of; without libsystemd. Sources:
 * sd_listen_fds(3), sd_notify(3). */
#ifndef SERVE_SYSTEMD_H
#define SERVE_SYSTEMD_H

#include "schemas/fault.h"

/* Take the listening socket passed to this process: *FD (close-on-exec), or -1 if there is none.
 * Clears its variables, so that no child takes it for its own. 0, or -1 and *WHY: several
 * sockets, or not one that a server can listen on. */
int systemd_listener(int *fd, struct fault *why);

/* Send "READY=1" and the like (lines, without the last '\n') to the service manager, if there is
 * one. Errors are ignored: it may be absent. */
void systemd_notify(const char *state);

/* Send "RELOADING=1", with the time that systemd.service(5) requires. */
void systemd_reloading(void);

#endif
