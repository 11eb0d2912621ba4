/* A server's Unix socket: made with its mode, in the place of a dead server's, never in that of a living one. */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

#include <sys/types.h>

#include "schemas/fault.h"

struct listener {
    int fd;           /* -1: closed */
    int lock;         /* PATH.lock, held as long as the socket is ours; -1: not our socket */
    int dir;          /* where it is, O_PATH; -1: not our socket */
    char *path;       /* NULL: not our socket */
    const char *name; /* in .path: the last part */
    dev_t dev;
    ino_t ino;
};

#define LISTENER_CLOSED ((struct listener){.fd = -1, .lock = -1, .dir = -1})

/* Listen at PATH, whose file is born with MODE. 0 and *L, or -1 and *WHY; listener_close() in either case. */
int listener_open(struct listener *l, const char *path, mode_t mode, struct fault *why);

/* Stop listening; the socket's file goes where it is still ours. Fine twice. */
void listener_close(struct listener *l);

/* Connect to PATH: a descriptor, or -1 and *WHY (SETUP). */
int listener_reach(const char *path, struct fault *why);

#endif
