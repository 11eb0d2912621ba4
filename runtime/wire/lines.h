/* Bounded line reading from a descriptor: bytes in, whole lines out, never more than one line's
 * maximum and one read's worth in memory, whatever the other side sends. */
#ifndef WIRE_LINES_H
#define WIRE_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    char *data;
    size_t begin, len, cap; /* unread bytes: data[begin .. begin+len) */
    size_t scanned;         /* of those, how many are known to hold no '\n' */
    size_t max;             /* bytes of a line, '\n' included */
    size_t first;           /* bytes of the first buffer; 0: as a pipe holds */
    bool eof;
    bool no_socket; /* recv(2) said so */
};

/* MAX: the longest line, '\n' included, at least 1. Nothing is allocated until something is read.
 */
void lines_open(struct lines *l, size_t max);
void lines_close(struct lines *l);

/* One read of what fits; of a socket never waiting, of anything else as its O_NONBLOCK says (poll(2)
 * first). Always of the same descriptor. > 0: bytes; 0: end of file (.eof is set); -1 with errno (EAGAIN,
 * ENOMEM...). Where nothing more fits (a line waits, or is too long: lines_next() first) errno is
 * ENOBUFS. */
long lines_fill(struct lines *l, int fd);

/* The next whole line, without its '\n'. 1: *LINE (valid until the next call) and *N; 0: none yet;
 * -1: the line is longer than .max. At .eof an unfinished last line is returned by lines_rest(). */
int lines_next(struct lines *l, char **line, size_t *n);

/* The line of N bytes that lines_next() returned last, with nothing done since, is the next one again. */
void lines_untake(struct lines *l, size_t n);

/* Overwrite what was taken already and still lies in the buffer: a line may have held keys. Lines that
 * lines_next() returned are gone then. */
void lines_forget(struct lines *l);

/* Bytes after the last '\n'. */
size_t lines_rest(const struct lines *l, char **rest);

/* Take all that is unread, without looking at it: of a line that is too long, or of lines_rest(). */
void lines_drop(struct lines *l);

#endif
