/* Files of one command that are one file, whatever they are called: what is read would be written over. */
#ifndef CMD_SAME_H
#define CMD_SAME_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "schemas/fault.h"

struct same_file {
    const char *option;      /* as the caller knows it ... */
    const char *path;        /* ... and its name; NULL: a standard stream */
    dev_t dev;               /* of the file, or of the directory where it would be made */
    ino_t ino;               /* 0: of no concern */
    char last[NAME_MAX + 1]; /* its name there; "": it exists */
};

/* What PATH names, followed to the end, whether or not there is such a file; NULL: what FD is. Only regular files and
 * pipes can be one in two places and suffer from it. */
void same_stat(struct same_file *s, const char *option, const char *path, int fd);

bool same_are(const struct same_file *a, const struct same_file *b);

/* 0, or -1 and *WHY (USAGE) where two of the N are one. */
int same_refuse(const struct same_file *s, unsigned n, struct fault *why);

/* 0, or -1 and *WHY (USAGE) where PATH, to be written, is the manifest or a source in the directory BUNDLE. */
int same_source(const char *option, const char *path, const char *bundle, struct fault *why);

#endif
