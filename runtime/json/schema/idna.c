/* What IDNA2008 says of the code points of a label (gen/idna.h). They are untrusted, and few. */
#include "runtime/json/schema/idna.h"

#include <string.h>

#include "gen/idna.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { DISALLOWED, VALID, JOINS, CONTEXT };
enum { FROM_LEFT, FROM_RIGHT, ARABIC_DIGIT, DIGIT, MARK_OF_OTHER, NEUTRAL };
enum { LEFT_JOINING = 1, RIGHT_JOINING, DUAL_JOINING, TRANSPARENT };
enum { GREEK = 1, HEBREW, KANA_OR_HAN };
enum { VIRAMA = 9 };

static uint32_t bits_of(uint32_t cp)
{
    size_t a = 0, b = COUNT(idna_ranges);

    while (b - a > 1) {
        size_t middle = (a + b) / 2;

        if (idna_ranges[middle].lo <= cp)
            a = middle;
        else
            b = middle;
    }
    return idna_ranges[a].bits;
}

/* RFC 5892, A.1: the nearest in each direction that is not transparent joins this way. */
static bool joins(const struct idna_label *label, size_t i)
{
    size_t before = i, after = i + 1;
    uint32_t left = 0, right = 0;

    while (before > 0 && (left = IDNA_JOINING(bits_of(label->at[before - 1]))) == TRANSPARENT)
        before--;
    while (after < label->n && (right = IDNA_JOINING(bits_of(label->at[after]))) == TRANSPARENT)
        after++;
    return before > 0 && after < label->n && (left == LEFT_JOINING || left == DUAL_JOINING) &&
           (right == RIGHT_JOINING || right == DUAL_JOINING);
}

static bool has_range(const struct idna_label *label, uint32_t lo, uint32_t hi)
{
    for (size_t i = 0; i < label->n; i++)
        if (label->at[i] >= lo && label->at[i] <= hi)
            return true;
    return false;
}

static bool has_kana_or_han(const struct idna_label *label)
{
    for (size_t i = 0; i < label->n; i++)
        if (label->at[i] != 0x30FB && IDNA_SCRIPT(bits_of(label->at[i])) == KANA_OR_HAN)
            return true;
    return false;
}

/* RFC 5892, A.1 to A.9: whether the I-th may stand there. */
static bool in_context(const struct idna_label *label, size_t i)
{
    uint32_t cp = label->at[i], before = i ? label->at[i - 1] : 0,
             after = i + 1 < label->n ? label->at[i + 1] : 0;

    switch (cp) {
    case 0x200C:
        return IDNA_COMBINING(bits_of(before)) == VIRAMA || joins(label, i);
    case 0x200D:
        return IDNA_COMBINING(bits_of(before)) == VIRAMA;
    case 0xB7:
        return before == 'l' && after == 'l';
    case 0x375:
        return after && IDNA_SCRIPT(bits_of(after)) == GREEK;
    case 0x5F3:
    case 0x5F4:
        return before && IDNA_SCRIPT(bits_of(before)) == HEBREW;
    case 0x30FB:
        return has_kana_or_han(label);
    default: /* Arabic-Indic digits, plain and extended, do not mix */
        return cp < 0x6F0 ? !has_range(label, 0x6F0, 0x6F9) : !has_range(label, 0x660, 0x669);
    }
}

bool idna_allowed(const struct idna_label *label)
{
    if (!label->n || label->at[0] == '-' || label->at[label->n - 1] == '-' ||
        (label->n > 3 && label->at[2] == '-' && label->at[3] == '-') ||
        IDNA_MARK(bits_of(label->at[0])))
        return false;
    for (size_t i = 0; i < label->n; i++) {
        uint32_t kind = IDNA_KIND(bits_of(label->at[i]));

        if (kind == DISALLOWED || (kind != VALID && !in_context(label, i)))
            return false;
    }
    return true;
}

bool idna_turns(const struct idna_label *label)
{
    for (size_t i = 0; i < label->n; i++) {
        uint32_t direction = IDNA_DIRECTION(bits_of(label->at[i]));

        if (direction == FROM_RIGHT || direction == ARABIC_DIGIT)
            return true;
    }
    return false;
}

/* What is disallowed, as capital letters of ASCII are, counts as written from left to right. */
bool idna_directed(const struct idna_label *label)
{
    uint32_t first = label->n ? IDNA_DIRECTION(bits_of(label->at[0])) : NEUTRAL, last;
    bool right = first == FROM_RIGHT, seen[NEUTRAL + 1] = {false};
    size_t n = label->n;

    if (first != FROM_LEFT && first != FROM_RIGHT)
        return false;
    for (size_t i = 0; i < n; i++)
        seen[IDNA_DIRECTION(bits_of(label->at[i]))] = true;
    while (n > 1 && IDNA_DIRECTION(bits_of(label->at[n - 1])) == MARK_OF_OTHER)
        n--;
    last = IDNA_DIRECTION(bits_of(label->at[n - 1]));
    if (right)
        return !seen[FROM_LEFT] && !(seen[DIGIT] && seen[ARABIC_DIGIT]) &&
               (last == FROM_RIGHT || last == DIGIT || last == ARABIC_DIGIT);
    return !seen[FROM_RIGHT] && !seen[ARABIC_DIGIT] && (last == FROM_LEFT || last == DIGIT);
}

/* Hangul syllables (Unicode, 3.12). */
enum { S = 0xAC00, L = 0x1100, V = 0x1161, T = 0x11A7, LS = 19, VS = 21, TS = 28 };

/* The two that CP is made of; false if it is not. */
static bool decompose(uint32_t cp, uint32_t *first, uint32_t *second)
{
    if (cp >= S && cp < S + LS * VS * TS) {
        uint32_t t = (cp - S) % TS, lv = (cp - S) / TS;

        *first = t ? S + lv * TS : L + lv / VS;
        *second = t ? T + t : V + lv % VS;
        return true;
    }
    for (size_t i = 0; i < COUNT(idna_pairs); i++) {
        if (idna_pairs[i].whole != cp)
            continue;
        *first = idna_pairs[i].first;
        *second = idna_pairs[i].second;
        return true;
    }
    return false;
}

/* What the two are together, or 0. */
static uint32_t compose(uint32_t first, uint32_t second)
{
    if (first >= L && first < L + LS && second >= V && second < V + VS)
        return S + ((first - L) * VS + second - V) * TS;
    if (first >= S && first < S + LS * VS * TS && (first - S) % TS == 0 && second > T &&
        second < T + TS)
        return first + second - T;
    for (size_t i = 0; i < COUNT(idna_pairs); i++)
        if (idna_pairs[i].first == first && idna_pairs[i].second == second)
            return idna_pairs[i].whole;
    return 0;
}

#define PARTS 4 /* of one character, at most */

/* Append CP's parts in canonical order to the N in OUT; the new N. Recursion ends at PARTS. */
static size_t add_parts(uint32_t cp, uint32_t *out, size_t n)
{
    uint32_t first, second, combining;
    size_t to;

    if (decompose(cp, &first, &second)) {
        n = add_parts(first, out, n);
        return add_parts(second, out, n);
    }
    combining = IDNA_COMBINING(bits_of(cp));
    for (to = n; combining && to > 0 && IDNA_COMBINING(bits_of(out[to - 1])) > combining; to--)
        out[to] = out[to - 1];
    out[to] = cp;
    return n + 1;
}

/* Compose the N in AT (Unicode, 3.11); the new N. */
static size_t compose_all(uint32_t *at, size_t n)
{
    size_t starter = n, to = 0;
    uint32_t last = 0; /* class of the one before, since the starter */

    for (size_t i = 0; i < n; i++) {
        uint32_t combining = IDNA_COMBINING(bits_of(at[i]));
        bool blocked = to > 0 && starter + 1 != to && last >= combining;
        uint32_t whole = starter < to && !blocked ? compose(at[starter], at[i]) : 0;

        if (whole) {
            at[starter] = whole;
            continue;
        }
        at[to] = at[i];
        if (!combining)
            starter = to;
        last = combining;
        to++;
    }
    return to;
}

bool idna_normal(const struct idna_label *label)
{
    uint32_t parts[(IDNA_LABEL + 1) * PARTS];
    size_t n = 0;

    for (size_t i = 0; i < label->n; i++)
        n = add_parts(label->at[i], parts, n);
    n = compose_all(parts, n);
    return n == label->n && memcmp(parts, label->at, n * sizeof *parts) == 0;
}
