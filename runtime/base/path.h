/* Opening what a caller's path names, to write there. Where everybody may make files (a sticky directory, such as
 * /tmp), what bears the name may be another user's: a link to a file that he could not write himself, a FIFO, a
 * file that he goes on reading. The kernel refuses these where fs.protected_symlinks, _fifos, _regular and
 * _hardlinks say so; here they are refused whatever those say. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* open(2), but for what is refused: -1, EACCES, and *REFUSED, which is NULL after any other end, says why. FLAGS
 * as for open(2); O_TRUNC cuts a regular file once it is known to be nobody else's. Close-on-exec. */
int path_open(const char *path, int flags, mode_t mode, const char **refused);

/* Where a path ends, its links followed. */
struct path_end {
    int dir;                 /* O_PATH, the caller's to close */
    char name[NAME_MAX + 1]; /* there; "" where the path ends in '/' */
    bool there;
    bool magic; /* a link of procfs, which only the kernel can follow */
    bool
        shared; /* a sticky directory was on the way: the same path may lead elsewhere a moment later */
    struct stat st; /* where .there */
};

int path_find(const char *path, struct path_end *end, const char **refused);

/* Open what is there now: path_open() without links and O_CREAT. */
int path_open_end(const struct path_end *end, int flags, const char **refused);

/* Whether that, of which ST tells, is to be written at all: where others may put files, a regular file or a FIFO must
 * be ours, or of the directory's owner. */
int path_may_write(const struct path_end *end, const struct stat *st, const char **refused);

/* How long PATH is without the slashes at its end; that of the root is "/". */
size_t path_length(const char *path);

/* The directory that PATH's last part is in, as an O_PATH descriptor, for what is to be made there; *NAME is that
 * part, within PATH, which must not end in '/': EISDIR. *SHARED, unless NULL, is as above. */
int path_parent(const char *path, const char **name, bool *shared, const char **refused);

#endif
