/* What the front of `batch` and `serve` and the monitor of one bundle tell each other (channel.h). The
 * front trusts nothing of it: the monitor has parsed what a bundle and its callers wrote. The monitor
 * trusts the front, which decides what it is to do. A run has a number, the front's, from its START to
 * its ENDED. */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include <stdint.h>

#include "schemas/fault.h"
#include "schemas/report.h"

enum message_kind {
    /* to the monitor */
    MESSAGE_START = 1, /* begin a run; text: the start line, or the job's */
    MESSAGE_REPLY,     /* text: a line of its caller's, without its end */
    MESSAGE_STRAY,  /* its caller said what is no reply to anything: .size bytes, not passed on */
    MESSAGE_EOF,    /* its caller's input has ended */
    MESSAGE_HOLD,   /* its caller does not read: say nothing more of it for now */
    MESSAGE_RESUME, /* ... it does again */
    MESSAGE_CANCEL, /* end it; text: why */
    MESSAGE_PRICE,  /* no run's; text: a job's line. What may it use? */
    MESSAGE_SHED,   /* discard the boxes that wait: others need the room */
    MESSAGE_STOP,   /* cancel what has not begun; text: why */
    /* to the front */
    MESSAGE_FINDING, /* one of the faults of the manifest; text: pointer, NUL, message */
    MESSAGE_LOADED,  /* the bundle can be used, or not */
    MESSAGE_PRICED,  /* answer to PRICE */
    MESSAGE_BEGUN,   /* the box has read the start line: the run cannot begin once more; a job's is
                      * told, as its EVENTs are, with what else is said, or a few milliseconds later */
    MESSAGE_EVENT,   /* text: a line of the box, for the caller */
    MESSAGE_ENDED,   /* the run is over */
    MESSAGE_NUMBERS, /* for statistics; whenever they have changed, but not often */
    MESSAGE_FAULT,   /* boxes could not be made in advance */
    MESSAGE__COUNT
};

struct message_start {
    uint32_t user; /* a number of the front's: those of one bundle share its monitor fairly */
    uint32_t eof;  /* 1: its caller's input has ended already */
    uint32_t others, unused; /* 1: other users, or runs of other bundles, are there */
    uint64_t line;           /* a job's line number */
};

struct message_stray {
    uint64_t size;
};

struct message_cancel {
    int32_t signal;
    uint32_t unused;
};

struct message_finding {
    uint32_t line, column; /* 0: unknown */
    uint32_t more;         /* of the last one: faults that are not listed */
    uint32_t no_memory;
};

/* What a run may use, for a batch's budget: bytes, thousandths of a CPU. */
struct message_price {
    uint64_t memory, cpus;
};

struct message_loaded {
    int32_t failed; /* 0, or -1 and .why */
    uint32_t unused;
    struct message_price price; /* of a run that sets no limits itself */
    char name[136], digest[65];
    struct fault why;
};

struct message_ask {
    uint64_t ticket; /* repeated in the answer */
};

struct message_priced {
    uint64_t ticket;
    int32_t failed;
    uint32_t unused;
    struct message_price price;
    struct fault why;
};

struct message_ended {
    uint32_t ran;       /* 1: it had a box */
    uint32_t again;     /* 1: nothing has begun, and the monitor cannot go on: another may do it */
    uint32_t unmatched; /* 1: its caller's lines can no longer be matched to runs */
    uint32_t unnamed;   /* 1: its line is none */
    int32_t lack;       /* errno: it had no box for lack of what the end of others may free; or 0 */
    uint32_t unused;
    struct report report; /* without the bundle's name and digest */
};

struct message_numbers {
    uint32_t warm, templates; /* boxes that wait; templates made so far */
    uint64_t lost;            /* boxes that have died before their start line */
};

#endif
