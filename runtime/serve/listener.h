/* A server's Unix socket: created with its final mode, in place of a dead server's, never of a
 * live one's. */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

#include <sys/types.h>

#include "schemas/fault.h"

struct listener {
    int fd;           /* -1: closed */
    int lock;         /* PATH.lock, held as long as the socket is ours; -1: not our socket */
    int dir;          /* its directory, O_PATH; -1: not our socket */
    char *path;       /* NULL: not our socket */
    const char *name; /* the last component of .path */
    dev_t dev;
    ino_t ino;
};

#define LISTENER_CLOSED ((struct listener){.fd = -1, .lock = -1, .dir = -1})

/* Listen at PATH, whose file is created with MODE. 0 and *L, or -1 and *WHY; listener_close() in
 * either case. */
int listener_open(struct listener *l, const char *path, mode_t mode, struct fault *why);

/* Stop listening, and remove the socket's file if it is still ours. May be called twice. */
void listener_close(struct listener *l);

/* Connect to PATH. Returns a descriptor, or -1 and *WHY (SETUP; USAGE: PATH is empty or too
 * long). */
int listener_reach(const char *path, struct fault *why);

#endif
