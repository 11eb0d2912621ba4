/* Handles in a value: an object whose one member is "$fn", of a number, is a function of the script's, lent
 * for a call; one whose one member is "$ref", of an id, is an object that stays with the caller. Every
 * other object is data, one of "$ref" and a text that is no id included ("#/$defs/a" is none). */
#ifndef WIRE_HANDLES_H
#define WIRE_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/wire/event.h"

#define HANDLE_ID_MAX 128
#define HANDLE_FN_MAX 9007199254740991 /* 2^53 - 1: exact for every reader */

struct handle {
    uint64_t fn;    /* a function's number; 0: a reference */
    struct span id; /* a reference's id, in .text where it was written with escapes */
    char text[HANDLE_ID_MAX];
};

/* The next handle at or after *AT in JSON text up to END that a scanner accepted, in the order of the text.
 * 1: *H, and *AT moves behind it; 0: none is left; -1: "$fn" and a number that is not a whole one from
 * 1 to HANDLE_FN_MAX, written without fraction and exponent. */
int handle_next(const char **at, const char *end, struct handle *h);

/* 1 to 128 bytes of [A-Za-z0-9_.:-], not ':' in front. The class is what stands before its first ':'. */
bool handle_is_id(struct span id);

#endif
