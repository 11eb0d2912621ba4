/* Handles in a value: an object whose only member is "$fn", a number, is a function of the script,
 * lent for a call; one whose only member is "$ref", an id, is an object that stays with the caller.
 * Every other object is data, including a "$ref" whose text is not an id ("#/$defs/a"). */
#ifndef WIRE_HANDLES_H
#define WIRE_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/wire/event.h"

#define HANDLE_ID_MAX 128
#define HANDLE_FN_MAX 9007199254740991 /* 2^53 - 1: exact in every JSON reader */

struct handle {
    uint64_t fn;    /* a function's number; 0: a reference */
    struct span id; /* a reference's id, in .text if it was written with escapes */
    char text[HANDLE_ID_MAX];
};

/* Find the next handle at or after *AT in JSON text up to END that a scanner has accepted. 1: *H,
 * and *AT moves past it; 0: none left; -1: a "$fn" whose number is not an integer from 1 to
 * HANDLE_FN_MAX, written without fraction or exponent. */
int handle_next(const char **at, const char *end, struct handle *h);

/* Whether ID is 1 to 128 bytes of [A-Za-z0-9_.:-], not starting with ':'. The part before the first
 * ':' is its class. */
bool handle_is_id(struct span id);

#endif
