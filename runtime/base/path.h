/* Open the file that a caller's path names, for writing. In a directory where everyone may create
 * files (a sticky one, such as /tmp) the name may be another user's: a link to a file that he could
 * not write himself, a FIFO, a file that he keeps reading. The kernel refuses these depending on
 * fs.protected_symlinks, _fifos, _regular and _hardlinks; here they are always refused. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* open(2), except for these refusals: -1 with EACCES, and the reason in *REFUSED, which is NULL in
 * every other case. FLAGS as for open(2); O_TRUNC truncates a regular file only after the check.
 * Close-on-exec. */
int path_open(const char *path, int flags, mode_t mode, const char **refused);

/* The end of a path, with links followed. */
struct path_end {
    int dir;                 /* O_PATH, the caller's to close */
    char name[NAME_MAX + 1]; /* in .dir; "" if the path ends in '/' */
    bool there;
    bool magic;     /* a procfs link, which only the kernel can follow */
    bool shared;    /* the path crosses a sticky directory: it may soon lead elsewhere */
    struct stat st; /* if .there */
};

int path_find(const char *path, struct path_end *end, const char **refused);

/* Open the file there now: path_open() without following links and without O_CREAT. */
int path_open_end(const struct path_end *end, int flags, const char **refused);

/* Check that the file described by ST may be written: in a directory where others may create files,
 * a regular file or a FIFO must be ours or the directory owner's, with a single name. 0 or -1. */
int path_may_write(const struct path_end *end, const struct stat *st, const char **refused);

/* The length of PATH without trailing slashes; 1 for the root. */
size_t path_length(const char *path);

/* Open the directory of PATH's last component (O_PATH), to create a file there; *NAME is that
 * component, within PATH, which must not end in '/' (EISDIR). *SHARED, unless NULL, is as above. */
int path_parent(const char *path, const char **name, bool *shared, const char **refused);

#endif
