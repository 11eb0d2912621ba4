/* BLAKE2b (RFC 7693): for box.std.hash, and sn0int, which names blobs by it. */
#ifndef SCRIPT_CORE_BLAKE2B_H
#define SCRIPT_CORE_BLAKE2B_H

#include <stddef.h>

#define BLAKE2B_MOST 64 /* bytes of a digest, and of a key */

/* Write the digest of N bytes, SIZE bytes long (1 to BLAKE2B_MOST). KEY has KEY_SIZE bytes, at most
 * BLAKE2B_MOST; 0: none. */
void blake2b(const void *bytes, size_t n, const void *key, size_t key_size, unsigned char *digest,
             size_t size);

#endif
