/* Bounded line reading from a descriptor: bytes in, whole lines out. Whatever the peer sends,
 * memory never exceeds the maximum line and one read. */
#ifndef WIRE_LINES_H
#define WIRE_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    char *data;
    size_t begin, len, cap; /* unread bytes: data[begin .. begin+len) */
    size_t scanned;         /* how many of those are known to hold no '\n' */
    size_t max;             /* maximum bytes of a line, '\n' included */
    size_t first;           /* bytes of the first buffer; 0: a pipe's capacity */
    bool eof;
    bool no_socket; /* recv(2) failed with ENOTSOCK */
    bool pipe;      /* lines_look() has found one */
};

/* MAX: the longest line, '\n' included, at least 1. Allocates nothing before the first read. */
void lines_open(struct lines *l, size_t max);
void lines_close(struct lines *l);

/* Find out whether FD is a pipe, whose bytes another reader may take first: then no read of it waits. */
void lines_look(struct lines *l, int fd);

/* Read once, as much as fits. A socket never blocks, nor a pipe that was looked at; any other file as
 * its O_NONBLOCK says (poll(2) first). FD must always be the same. > 0: bytes; 0: end of file (.eof is
 * set); -1 and errno (EAGAIN, ENOMEM...). ENOBUFS: the buffer is full (a line is waiting or too long;
 * call lines_next() first). */
long lines_fill(struct lines *l, int fd);

/* The same into TO, past the buffer; .eof is not set. */
long lines_read(struct lines *l, int fd, char *to, size_t room);

/* Add N bytes that came by another way, as if read. 0, or -1 and errno: ENOMEM; ENOBUFS: there is no
 * room for all of them, and none was added. */
int lines_add(struct lines *l, const char *bytes, size_t n);

/* Take the next whole line, without its '\n'. 1: *LINE (valid until the next call) and *N; 0: none
 * yet; -1: the line is longer than .max. At .eof, lines_rest() returns an unfinished last line. */
int lines_next(struct lines *l, char **line, size_t *n);

/* The same for what people and programs write: blank lines are skipped, and at .eof an unfinished
 * last line is whole. */
int lines_message(struct lines *l, char **line, size_t *n);

/* Whether the N bytes are none, or white space. */
bool line_is_blank(const char *line, size_t n);

/* Take what there is of the bytes behind the last line that was taken, at most MOST: how many; *BYTES is valid until
 * the next call. */
size_t lines_bytes(struct lines *l, size_t most, char **bytes);

/* Put back the line of N bytes that lines_next() returned, with no other call in between. */
void lines_untake(struct lines *l, size_t n);

/* Overwrite taken bytes that are still in the buffer: a line may have held keys. Invalidates lines
 * that lines_next() returned. */
void lines_forget(struct lines *l);

/* The bytes after the last '\n'. */
size_t lines_rest(const struct lines *l, char **rest);

/* Discard all unread bytes, for a line that is too long or after lines_rest(). */
void lines_drop(struct lines *l);

#endif
