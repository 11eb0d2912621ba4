/* BLAKE2b: see blake2b.h. Names follow RFC 7693, section 3. */
#include "runtime/script/core/blake2b.h"

#include <stdint.h>
#include <string.h>

#define BLOCK 128

static const uint64_t iv[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                               0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                               0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

static const unsigned char sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t rotate(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}

static void mix(uint64_t *v, unsigned a, unsigned b, unsigned c, unsigned d, uint64_t x, uint64_t y)
{
    v[a] += v[b] + x;
    v[d] = rotate(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = rotate(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 63);
}

/* TOTAL: bytes up to and with this block. Words are little-endian, as is the only architecture. */
static void compress(uint64_t h[8], const unsigned char *block, uint64_t total, int last)
{
    uint64_t v[16], m[16];

    memcpy(m, block, sizeof m);
    for (int i = 0; i < 8; i++) {
        v[i] = h[i];
        v[i + 8] = iv[i];
    }
    v[12] ^= total;
    v[14] = last ? ~v[14] : v[14];
    for (int round = 0; round < 12; round++) {
        const unsigned char *s = sigma[round % 10];

        for (unsigned i = 0; i < 4; i++)
            mix(v, i, i + 4, i + 8, i + 12, m[s[2 * i]], m[s[2 * i + 1]]);
        for (unsigned i = 0; i < 4; i++)
            mix(v, i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12, m[s[8 + 2 * i]],
                m[s[9 + 2 * i]]);
    }
    for (int i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[i + 8];
}

/* The key, padded to a block, comes before the bytes. */
static uint64_t take_key(uint64_t h[8], const void *key, size_t key_size, int last)
{
    unsigned char block[BLOCK] = {0};

    memcpy(block, key, key_size);
    compress(h, block, BLOCK, last);
    explicit_bzero(block, sizeof block);
    return BLOCK;
}

void blake2b(const void *bytes, size_t n, const void *key, size_t key_size, unsigned char *digest,
             size_t size)
{
    const unsigned char *at = bytes;
    unsigned char tail[BLOCK] = {0};
    uint64_t h[8], total = 0;

    memcpy(h, iv, sizeof h);
    h[0] ^= 0x01010000 ^ key_size << 8 ^ size;
    if (key_size)
        total = take_key(h, key, key_size, n == 0);
    for (; n > BLOCK; n -= BLOCK, at += BLOCK) {
        total += BLOCK;
        compress(h, at, total, 0);
    }
    if (n || !key_size) {
        memcpy(tail, at, n);
        compress(h, tail, total + n, 1);
    }
    memcpy(digest, h, size);
}
