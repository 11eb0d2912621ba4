/* Detects files of one command that are one file under any name: output would overwrite input. */
#ifndef CMD_SAME_H
#define CMD_SAME_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "schemas/fault.h"

struct same_file {
    const char *option;      /* the option that gave it ... */
    const char *path;        /* ... and its name; NULL: a standard stream */
    dev_t dev;               /* of the file, or of the directory where it would be created */
    ino_t ino;               /* 0: not compared */
    char last[NAME_MAX + 1]; /* its name there; "": it exists */
};

/* Identify the file PATH, links followed, whether or not it exists; with PATH NULL: that of FD.
 * Only regular files and FIFOs count: no other kind suffers from being used twice. */
void same_stat(struct same_file *s, const char *option, const char *path, int fd);

bool same_are(const struct same_file *a, const struct same_file *b);

/* 0, or -1 and *WHY (USAGE) if two of the N are the same file. */
int same_refuse(const struct same_file *s, unsigned n, struct fault *why);

/* 0, or -1 and *WHY (USAGE) if PATH, to be written, is the manifest or a source in the directory
 * BUNDLE. */
int same_source(const char *option, const char *path, const char *bundle, struct fault *why);

#endif
