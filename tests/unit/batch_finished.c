/* runtime/batch/finished.c: the digest against its authors' vectors, the set against what was put in. */
#include "runtime/batch/finished.h"

#include <string.h>

#include "tests/unit/tap.h"

#define MANY 1000000

/* vectors.h of https://github.com/veorq/SipHash: key 00 01 .. 0f, text 00 01 .. of the length. */
static const struct {
    size_t n;
    unsigned char digest[16];
} vectors[] = {
    {0,
     {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02,
      0x93}},
    {1,
     {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc,
      0x45}},
    {7,
     {0xa1, 0xf1, 0xeb, 0xbe, 0xd8, 0xdb, 0xc1, 0x53, 0xc0, 0xb8, 0x4a, 0xa6, 0x1f, 0xf0, 0x82,
      0x39}},
    {8,
     {0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61, 0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97,
      0xb4}},
    {9,
     {0x26, 0x44, 0x99, 0x06, 0x0a, 0xd9, 0xba, 0xab, 0xc4, 0x7f, 0x8b, 0x02, 0xbb, 0x6d, 0x71,
      0xed}},
    {15,
     {0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3,
      0xd9}},
    {16,
     {0x6e, 0xe2, 0xa4, 0xca, 0x67, 0xb0, 0x54, 0xbb, 0xfd, 0x33, 0x15, 0xbf, 0x85, 0x23, 0x05,
      0x77}},
    {63,
     {0x51, 0x50, 0xd1, 0x77, 0x2f, 0x50, 0x83, 0x4a, 0x50, 0x3e, 0x06, 0x9a, 0x97, 0x3f, 0xbd,
      0x7c}},
};

static void test_digest(void)
{
    unsigned char text[64];
    uint64_t key[2];

    for (unsigned char i = 0; i < sizeof text; i++)
        text[i] = i;
    memcpy(key, text, sizeof key);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct finished_digest d = finished_digest(key, text, vectors[i].n);

        ok(memcmp(&d, vectors[i].digest, sizeof d) == 0, "the vector of %zu bytes", vectors[i].n);
    }
}

static void test_set(void)
{
    struct fault why = {0};
    struct finished s;
    size_t missing = 0, wrong = 0;

    ok(finished_open(&s, &why) == 0 && finished_as(&s, "a", 1) == FINISHED_NOT,
       "an empty set has nothing");
    for (uint32_t i = 0; i < MANY; i++)
        if (finished_add(&s, &i, sizeof i, i % 3 == 0, &why) < 0)
            break;
    ok(s.count == MANY, "a million texts: %zu", s.count);
    ok(s.cap * sizeof *s.slot <= 28ull * MANY, "%zu bytes for each", s.cap * sizeof *s.slot / MANY);
    for (uint32_t i = 0; i < 2 * MANY; i++) {
        enum finished_as as = finished_as(&s, &i, sizeof i);

        missing += i < MANY && as != (i % 3 == 0 ? FINISHED_OK : FINISHED_FAILED);
        wrong += i >= MANY && as != FINISHED_NOT;
    }
    ok(missing == 0 && wrong == 0, "it has these and no others: %zu missing, %zu too many", missing,
       wrong);
    finished_add(&s, &(uint32_t){7}, 4, true, &why);
    ok(s.count == MANY && finished_as(&s, &(uint32_t){7}, 4) == FINISHED_OK,
       "one that is there is not added again; its last word counts");
    ok(finished_add(&s, "", 0, true, &why) == 0 && finished_as(&s, "", 0) == FINISHED_OK,
       "an empty text is one");
    finished_close(&s);
}

int main(void)
{
    test_digest();
    test_set();
    return done();
}
