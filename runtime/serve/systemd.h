/* What a service manager hands over, and what it wants to hear; without libsystemd. Sources: sd_listen_fds(3),
 * sd_notify(3). */
#ifndef SERVE_SYSTEMD_H
#define SERVE_SYSTEMD_H

#include "schemas/fault.h"

/* The listening socket that came with this process: *FD (close-on-exec), or -1 where none did. It is forgotten, so
 * that no child believes it to be its own. 0, or -1 and *WHY: several, or not what a server can listen on. */
int systemd_listener(int *fd, struct fault *why);

/* Tell the service manager, if there is one, "READY=1" and the like (lines, without the last '\n'). It may not be
 * there, and nothing is done about that. */
void systemd_notify(const char *state);

/* "RELOADING=1", with the time that systemd.service(5) asks for. */
void systemd_reloading(void);

#endif
