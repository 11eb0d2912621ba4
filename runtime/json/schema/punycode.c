/* Punycode (RFC 3492), of one label. The text is untrusted: its length bounds the work. */
#include <string.h>

#include "runtime/json/schema/idna.h"

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 128 };

#define LAST 0x10FFFFu

/* 6.1 */
static uint32_t adapt(uint32_t delta, size_t points, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / (uint32_t)points;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
    return k <= bias + T_MIN ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

static uint32_t digit(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 26;
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') : BASE;
}

/* How many digits DELTA takes. */
static size_t digits(uint32_t delta, uint32_t bias)
{
    size_t n = 1;

    for (uint32_t k = BASE, t = threshold(k, bias); delta >= t; t = threshold(k, bias), n++) {
        delta = (delta - t) / (BASE - t);
        k += BASE;
    }
    return n;
}

/* 6.3. No overflow: at most 64 code points of at most 21 bits. */
size_t punycode_length(const struct idna_label *label)
{
    uint32_t n = FIRST, delta = 0, bias = BIAS;
    size_t basic = 0, done, length;

    for (size_t i = 0; i < label->n; i++)
        basic += label->at[i] < FIRST;
    length = basic + (basic > 0);
    for (done = basic; done < label->n; n++, delta++) {
        uint32_t next = LAST;

        for (size_t i = 0; i < label->n; i++)
            if (label->at[i] >= n && label->at[i] < next)
                next = label->at[i];
        delta += (next - n) * (uint32_t)(done + 1);
        n = next;
        for (size_t i = 0; i < label->n; i++) {
            delta += label->at[i] < n;
            if (label->at[i] != n)
                continue;
            length += digits(delta, bias);
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
    return length;
}

/* One number of variable length at *AT. */
static bool take_delta(const char **at, const char *end, uint32_t bias, uint32_t *delta)
{
    uint64_t sum = 0, weight = 1;

    for (uint32_t k = BASE;; k += BASE) {
        uint32_t one = *at < end ? digit(*(*at)++) : BASE, t = threshold(k, bias);

        sum += one * weight;
        if (one >= BASE || sum > LAST * (uint64_t)(IDNA_LABEL + 1))
            return false;
        if (one < t)
            break;
        weight *= BASE - t;
    }
    *delta = (uint32_t)sum;
    return true;
}

/* 6.2 */
bool punycode_decode(const char *text, size_t n, struct idna_label *label)
{
    const char *end = text + n, *dash = memrchr(text, '-', n), *at = dash ? dash + 1 : text;
    uint32_t point = FIRST, bias = BIAS, i = 0, delta;

    label->n = 0;
    if (n == 0 || n > IDNA_LABEL || at == end)
        return false;
    for (const char *c = text; dash && c < dash; c++)
        label->at[label->n++] = (unsigned char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
    while (at < end) {
        bool first = i == 0 && point == FIRST;
        uint32_t count = (uint32_t)label->n + 1;

        if (count > IDNA_LABEL || !take_delta(&at, end, bias, &delta))
            return false;
        bias = adapt(delta, count, first);
        i += delta;
        point += i / count;
        i %= count;
        if (point > LAST)
            return false;
        memmove(label->at + i + 1, label->at + i, (label->n - i) * sizeof *label->at);
        label->at[i++] = point;
        label->n++;
    }
    return true;
}
