/* Limits as text: sizes, durations, CPU shares and counts, parsed and printed. The texts come from
 * manifests and options, untrusted; nothing here rounds to zero, wraps around or allocates. */
#include "schemas/limits.h"

#include <stdio.h>
#include <string.h>

#define VALUE_MAX ((uint64_t)INT64_MAX)
#define SECOND    1000000000ull

const struct limit_info limit_info[LIMIT__COUNT] = {
#define LIMIT(id, text, unit, dflt, ceiling) {text, LIMIT_##unit, dflt, ceiling},
#include "schemas/limits.def"
#undef LIMIT
};

#define IO_CURE "a kernel with CONFIG_BLK_DEV_THROTTLING"

const struct limit_file limit_file[LIMIT__COUNT] = {
    [LIMIT_SWAP] = {CONTROLLER_MEMORY,
                    {NULL, "memory.memsw.limit_in_bytes", "memory.swap.max"},
                    "boot with swapaccount=1, in a kernel with CONFIG_MEMCG_SWAP"},
    [LIMIT_CPUS] = {CONTROLLER_CPU,
                    {NULL, "cpu.cfs_quota_us", "cpu.max"},
                    "a kernel with CONFIG_CFS_BANDWIDTH"},
    [LIMIT_IO_READ] = {CONTROLLER_IO, {NULL, "blkio.throttle.read_bps_device", "io.max"}, IO_CURE},
    [LIMIT_IO_WRITE] = {CONTROLLER_IO,
                        {NULL, "blkio.throttle.write_bps_device", "io.max"},
                        IO_CURE},
};

void limits_clear(struct limits *l)
{
    for (int i = 0; i < LIMIT__COUNT; i++)
        l->value[i] = LIMIT_NONE;
}

int limit_find(const char *name, size_t n)
{
    for (int i = 0; i < LIMIT__COUNT; i++)
        if (strlen(limit_info[i].text) == n && memcmp(limit_info[i].text, name, n) == 0)
            return i;
    return -1;
}

/* The result of parsing a text. */
enum parsed { PARSED, MALFORMED, TOO_LARGE };

struct suffix {
    const char *text;
    uint64_t scale;
};

static const struct suffix size_suffixes[] = {
    {"", 1}, {"K", 1ull << 10}, {"M", 1ull << 20}, {"G", 1ull << 30}, {"T", 1ull << 40}, {NULL, 0},
};
static const struct suffix duration_suffixes[] = {
    {"", SECOND},       {"ms", SECOND / 1000}, {"s", SECOND},
    {"m", 60 * SECOND}, {"h", 3600 * SECOND},  {NULL, 0},
};
static const struct suffix cpus_suffixes[] = {{"", 1000}, {NULL, 0}};
static const struct suffix count_suffixes[] = {{"", 1}, {NULL, 0}};

struct decimal {
    uint64_t whole, frac, frac_scale; /* whole + frac / frac_scale; slightly more if .more */
    bool more, large;
};

/* Parse digits and, if FRACTIONS are allowed, a point and digits. Returns the end, or NULL if there
 * are no digits. */
static const char *decimal_parse(const char *at, bool fractions, struct decimal *d)
{
    const char *digits = at;

    *d = (struct decimal){.frac_scale = 1};
    for (; *at >= '0' && *at <= '9'; at++) {
        if (d->whole > VALUE_MAX / 10)
            d->large = true;
        else
            d->whole = d->whole * 10 + (uint64_t)(*at - '0');
    }
    if (at == digits)
        return NULL;
    if (!fractions || *at != '.')
        return at;
    for (digits = ++at; *at >= '0' && *at <= '9'; at++) {
        if (d->frac_scale < SECOND) {
            d->frac = d->frac * 10 + (uint64_t)(*at - '0');
            d->frac_scale *= 10;
        } else if (*at != '0')
            d->more = true;
    }
    return at == digits ? NULL : at;
}

/* Parse DIGITS[.DIGITS]SUFFIX, rounded up, so that only 0 becomes 0. */
static enum parsed scaled_parse(const char *text, const struct suffix *suffixes, bool fractions,
                                uint64_t *value)
{
    struct decimal d;
    const char *suffix = decimal_parse(text, fractions, &d);
    unsigned __int128 wide;

    if (!suffix)
        return MALFORMED;
    while (suffixes->text && strcmp(suffixes->text, suffix) != 0)
        suffixes++;
    if (!suffixes->text)
        return MALFORMED;
    wide = (unsigned __int128)d.frac * suffixes->scale + (d.frac_scale - 1) + d.more;
    wide = wide / d.frac_scale + (unsigned __int128)d.whole * suffixes->scale;
    if (d.large || wide > VALUE_MAX)
        return TOO_LARGE;
    *value = (uint64_t)wide;
    return PARSED;
}

int size_parse(const char *text, uint64_t *bytes)
{
    return scaled_parse(text, size_suffixes, false, bytes) == PARSED ? 0 : -1;
}

static enum parsed unit_parse(enum limit_unit unit, const char *text, uint64_t *value)
{
    switch (unit) {
    case LIMIT_BYTES:
    case LIMIT_RATE:
        return scaled_parse(text, size_suffixes, false, value);
    case LIMIT_NS:
        return scaled_parse(text, duration_suffixes, true, value);
    case LIMIT_MILLI:
        return scaled_parse(text, cpus_suffixes, true, value);
    case LIMIT_COUNT:
        return scaled_parse(text, count_suffixes, false, value);
    }
    return MALFORMED;
}

static const char *const unit_hint[] = {
    [LIMIT_BYTES] = "a size (digits, then K, M, G or T)",
    [LIMIT_RATE] = "bytes a second (digits, then K, M, G or T)",
    [LIMIT_NS] = "a duration (digits, then ms, s, m or h)",
    [LIMIT_MILLI] = "a number of CPUs (such as 0.25 or 2)",
    [LIMIT_COUNT] = "a count (digits)",
};

bool limit_valid(enum limit l, uint64_t value)
{
    return value <= VALUE_MAX && (value > 0 || l == LIMIT_SWAP);
}

int limit_parse(enum limit l, const char *text, uint64_t *value, struct fault *why)
{
    const struct limit_info *info = &limit_info[l];

    switch (unit_parse(info->unit, text, value)) {
    case MALFORMED:
        return fault_set(why, STATUS_INVALID, 0, "", "\"%s\" is not %s", text,
                         unit_hint[info->unit]);
    case TOO_LARGE:
        return fault_set(why, STATUS_INVALID, 0, "", "%s is too large: no limit reaches 2^63",
                         text);
    case PARSED:
        break;
    }
    if (!limit_valid(l, *value))
        return fault_set(why, STATUS_INVALID, 0, "", "%s must be more than 0", info->text);
    return 0;
}

static void print_scaled(uint64_t value, const struct suffix *largest,
                         const struct suffix *smallest, char *out, size_t size)
{
    const struct suffix *s = largest;

    while (s > smallest && (value < s->scale || value % s->scale))
        s--;
    snprintf(out, size, "%llu%s", (unsigned long long)(value / s->scale), s->text);
}

/* Print VALUE / SCALE with as many decimals as needed. */
static void print_decimal(uint64_t value, uint64_t scale, const char *suffix, char *out,
                          size_t size)
{
    char frac[16];
    int n;

    n = snprintf(frac, sizeof frac, "%llu", (unsigned long long)(scale + value % scale));
    while (n > 1 && frac[n - 1] == '0')
        frac[--n] = '\0';
    frac[0] = '.'; /* overwrites the 1 of SCALE, which kept the zeros after the point */
    snprintf(out, size, "%llu%s%s", (unsigned long long)(value / scale), n > 1 ? frac : "", suffix);
}

static void print_duration(uint64_t ns, char *out, size_t size)
{
    if (ns > 60 * SECOND && ns % (60 * SECOND) == 0)
        print_scaled(ns, &duration_suffixes[4], &duration_suffixes[3], out, size);
    else if (ns < SECOND && ns % (SECOND / 1000) == 0)
        snprintf(out, size, "%llums", (unsigned long long)(ns / (SECOND / 1000)));
    else
        print_decimal(ns, SECOND, "s", out, size);
}

void limit_print(enum limit l, uint64_t value, char *out, size_t size)
{
    if (value == LIMIT_NONE || value == LIMIT_HOST) {
        snprintf(out, size, value == LIMIT_NONE ? "none" : "host");
        return;
    }
    switch (limit_info[l].unit) {
    case LIMIT_BYTES:
    case LIMIT_RATE:
        print_scaled(value, &size_suffixes[4], size_suffixes, out, size);
        break;
    case LIMIT_NS:
        print_duration(value, out, size);
        break;
    case LIMIT_MILLI:
        print_decimal(value, 1000, "", out, size);
        break;
    case LIMIT_COUNT:
        snprintf(out, size, "%llu", (unsigned long long)value);
        break;
    }
}
