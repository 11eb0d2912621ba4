/* Messages over a stream socket between two processes of runbox, in both directions: the front of
 * `batch` and `serve`, which reads envelopes, and the monitor of one bundle (message.h). Each has a
 * kind, the number of its run, a struct of fixed size, and a text. What is to be sent is gathered and
 * sent in one piece; nothing here waits. The receiver checks everything: a sender may have been
 * taken over. Bytes that are done with are overwritten, since start lines may hold keys. */
#ifndef WIRE_CHANNEL_H
#define WIRE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_TEXT_MAX (8u << 20) /* bytes of a text: a line of 1 MiB, and what is said of it */

struct channel {
    int fd;
    struct channel_bytes {
        char *data;
        size_t begin, len, cap; /* data[begin .. begin+len) is there */
    } in, out;
    uint64_t sent; /* bytes so far */
    size_t taken;  /* bytes of the message that was taken last, still in .in */
    size_t looked; /* bytes of .in that channel_find() has looked at */
    bool deaf;     /* the other end takes nothing any more */
    bool
        lost; /* ... and nothing comes any more: it has ended, what came is no message, or no memory */
};

struct channel_message {
    uint32_t kind, run;
    const void *fixed; /* aligned for any struct */
    size_t fixed_size;
    const char *text; /* not terminated */
    size_t size;
};

/* FD is C's from here on. channel_close() is fine after zero-initialisation with .fd -1. */
void channel_open(struct channel *c, int fd);
void channel_close(struct channel *c);

/* Queue a message: FIXED and TEXT may be NULL if their sizes are 0. Without memory C is .lost. */
void channel_put(struct channel *c, uint32_t kind, uint32_t run, const void *fixed,
                 size_t fixed_size, const char *text, size_t size);

/* Send what is queued, as far as the other end takes it. */
void channel_flush(struct channel *c);

/* Bytes that are queued. */
size_t channel_waiting(const struct channel *c);

/* Receive once what is there. At the end, or after an error, C is .lost; whole messages that came before
 * can still be taken. */
void channel_fill(struct channel *c);

/* Take the next message: true and *M, valid until the next call of this or of channel_fill(). */
bool channel_next(struct channel *c, struct channel_message *m);

/* Whether a message that is there and was not taken yet is WANTED(OF, it): asked once of each. */
bool channel_find(struct channel *c,
                  bool (*wanted)(const void *of, const struct channel_message *m), const void *of);

#endif
