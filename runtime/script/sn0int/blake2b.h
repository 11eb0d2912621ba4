/* BLAKE2b (RFC 7693) with a digest of 32 bytes and no key, by which sn0int names blobs. */
#ifndef SCRIPT_SN0INT_BLAKE2B_H
#define SCRIPT_SN0INT_BLAKE2B_H

#include <stddef.h>

#define BLAKE2B_BYTES 32

void blake2b(const void *bytes, size_t n, unsigned char digest[BLAKE2B_BYTES]);

#endif
