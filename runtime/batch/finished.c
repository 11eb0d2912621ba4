/* Which ids have a result: open addressing, linear probing. Trusts no id: the jobs' author chose
 * it. */
#include "runtime/batch/finished.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST 1024

struct sip {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void rounds(struct sip *s, unsigned n)
{
    uint64_t *v = s->v;

    while (n--) {
        v[0] += v[1], v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0], v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1], v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2], v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static void absorb(struct sip *s, uint64_t word)
{
    s->v[3] ^= word;
    rounds(s, 2);
    s->v[0] ^= word;
}

static uint64_t squeeze(struct sip *s)
{
    rounds(s, 4);
    return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

struct finished_digest finished_digest(const uint64_t key[2], const void *text, size_t n)
{
    struct sip s = {{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ 0xee,
                     key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573}};
    const unsigned char *at = text;
    uint64_t last = (uint64_t)n << 56, word;
    struct finished_digest d;
    size_t left = n;

    for (; left >= 8; left -= 8, at += 8) {
        memcpy(&word, at, 8);
        absorb(&s, le64toh(word));
    }
    while (left--)
        last |= (uint64_t)at[left] << (8 * left);
    absorb(&s, last);
    s.v[2] ^= 0xee;
    d.a = squeeze(&s);
    s.v[1] ^= 0xdd;
    d.b = squeeze(&s);
    return d;
}

int finished_open(struct finished *s, struct fault *why)
{
    *s = (struct finished){0};
    if (getrandom(s->key, sizeof s->key, 0) != sizeof s->key)
        return fault_set(why, STATUS_SETUP, errno, "resume", "getrandom");
    return 0;
}

void finished_close(struct finished *s)
{
    free(s->slot);
    *s = (struct finished){0};
}

/* The lowest bit of .b is not part of the digest: it holds OK. */
#define SAME(x, y) ((x).a == (y).a && (((x).b ^ (y).b) & ~1ull) == 0)

/* A zero .a marks an empty slot. */
static struct finished_digest digest_of(const struct finished *s, const void *text, size_t n)
{
    struct finished_digest d = finished_digest(s->key, text, n);

    d.b &= ~1ull;
    d.a += d.a == 0;
    return d;
}

/* The slot of D, or the empty one where it belongs. The table may have any size: the high half
 * of a product spreads digests evenly. */
static struct finished_digest *finished_find(struct finished_digest *slot, size_t cap,
                                             struct finished_digest d)
{
    size_t i = (size_t)(((unsigned __int128)d.a * cap) >> 64);

    while (slot[i].a && !SAME(slot[i], d))
        i = i + 1 == cap ? 0 : i + 1;
    return &slot[i];
}

static int finished_grow(struct finished *s)
{
    size_t cap = s->cap ? s->cap / 2 * 3 : FIRST;
    struct finished_digest *slot = calloc(cap, sizeof *slot);

    if (!slot)
        return -1;
    for (size_t i = 0; i < s->cap; i++)
        if (s->slot[i].a)
            *finished_find(slot, cap, s->slot[i]) = s->slot[i];
    free(s->slot);
    s->slot = slot;
    s->cap = cap;
    return 0;
}

int finished_add(struct finished *s, const void *text, size_t n, bool ok, struct fault *why)
{
    struct finished_digest d = digest_of(s, text, n), *to;

    if (s->count >= FINISHED_MAX)
        return fault_set(why, STATUS_INVALID, 0, "resume", "more than %u ids", FINISHED_MAX);
    if (s->count >= s->cap / 8 * 7 && finished_grow(s) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "resume", "remembering %zu ids", s->count);
    to = finished_find(s->slot, s->cap, d);
    s->count += !to->a;
    d.b |= ok;
    *to = d;
    return 0;
}

enum finished_as finished_as(const struct finished *s, const void *text, size_t n)
{
    const struct finished_digest *at;

    if (s->count == 0)
        return FINISHED_NOT;
    at = finished_find(s->slot, s->cap, digest_of(s, text, n));
    if (!at->a)
        return FINISHED_NOT;
    return at->b & 1 ? FINISHED_OK : FINISHED_FAILED;
}
