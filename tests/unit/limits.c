/* schemas/limits.c: what a limit's text means, and that printing it reads back equal. */
#include "schemas/limits.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

#define BAD UINT64_MAX

static const struct {
    enum limit l;
    const char *text;
    uint64_t value;
} parses[] = {
    {LIMIT_MEMORY, "64M", 64ull << 20},
    {LIMIT_MEMORY, "1048576", 1048576},
    {LIMIT_MEMORY, "007K", 7168},
    {LIMIT_MEMORY, "1T", 1ull << 40},
    {LIMIT_MEMORY, "9223372036854775807", INT64_MAX},
    {LIMIT_MEMORY, "9223372036854775808", BAD},
    {LIMIT_MEMORY, "8388608T", BAD},
    {LIMIT_MEMORY, "8388607T", 8388607ull << 40},
    {LIMIT_MEMORY, "99999999999999999999999999", BAD},
    {LIMIT_MEMORY, "", BAD},
    {LIMIT_MEMORY, "M", BAD},
    {LIMIT_MEMORY, "64m", BAD},
    {LIMIT_MEMORY, "64MB", BAD},
    {LIMIT_MEMORY, "6.4M", BAD},
    {LIMIT_MEMORY, "-1", BAD},
    {LIMIT_MEMORY, "+1", BAD},
    {LIMIT_MEMORY, " 1", BAD},
    {LIMIT_MEMORY, "0", BAD},
    {LIMIT_MEMORY, "0x10", BAD},
    {LIMIT_SWAP, "0", 0},
    {LIMIT_WALL_TIME, "250ms", 250000000},
    {LIMIT_WALL_TIME, "2", 2000000000},
    {LIMIT_WALL_TIME, "1.5", 1500000000},
    {LIMIT_WALL_TIME, "0.5m", 30000000000},
    {LIMIT_WALL_TIME, "1h", 3600000000000},
    {LIMIT_WALL_TIME, "0.0000000001", 1},
    {LIMIT_WALL_TIME, "1.0000000001s", 1000000001},
    {LIMIT_WALL_TIME, "0.001ms", 1000},
    {LIMIT_WALL_TIME, "0.0s", BAD},
    {LIMIT_WALL_TIME, "1.", BAD},
    {LIMIT_WALL_TIME, ".5", BAD},
    {LIMIT_WALL_TIME, "1e3", BAD},
    {LIMIT_WALL_TIME, "10d", BAD},
    {LIMIT_WALL_TIME, "9223372037", BAD},
    {LIMIT_CPUS, "0.25", 250},
    {LIMIT_CPUS, "2", 2000},
    {LIMIT_CPUS, "0.0001", 1},
    {LIMIT_CPUS, "1M", BAD},
    {LIMIT_PROCESSES, "12", 12},
    {LIMIT_PROCESSES, "1K", BAD},
    {LIMIT_PROCESSES, "1.5", BAD},
    {LIMIT_IO_READ, "10M", 10ull << 20},
};

static void test_parse(void)
{
    struct fault why;

    for (size_t i = 0; i < sizeof parses / sizeof *parses; i++) {
        uint64_t value = 0;
        int r = limit_parse(parses[i].l, parses[i].text, &value, &why);

        ok(parses[i].value == BAD ? r < 0 && why.what[0] : r == 0 && value == parses[i].value,
           "%s=%s (%llu)", limit_info[parses[i].l].text, parses[i].text, (unsigned long long)value);
    }
    limit_parse(LIMIT_MEMORY, "64X", &(uint64_t){0}, &why);
    ok(strcmp(why.what, "\"64X\" is not a size (digits, then K, M, G or T)") == 0 &&
           !why.where[0] && why.status == STATUS_INVALID,
       "the message of DESIGN 3: %s", why.what);
}

static void test_print(void)
{
    static const struct {
        enum limit l;
        uint64_t value;
        const char *text;
    } rows[] = {
        {LIMIT_MEMORY, 64ull << 20, "64M"},
        {LIMIT_MEMORY, 1023, "1023"},
        {LIMIT_MEMORY, 1536, "1536"},
        {LIMIT_MEMORY, 3ull << 41, "6T"},
        {LIMIT_SWAP, 0, "0"},
        {LIMIT_WALL_TIME, 60000000000, "60s"},
        {LIMIT_WALL_TIME, 10000000000, "10s"},
        {LIMIT_WALL_TIME, 300000000000, "5m"},
        {LIMIT_WALL_TIME, 3600000000000, "1h"},
        {LIMIT_WALL_TIME, 250000000, "250ms"},
        {LIMIT_WALL_TIME, 1500000000, "1.5s"},
        {LIMIT_WALL_TIME, 1, "0.000000001s"},
        {LIMIT_WALL_TIME, 1000000001, "1.000000001s"},
        {LIMIT_CPUS, 250, "0.25"},
        {LIMIT_CPUS, 1000, "1"},
        {LIMIT_CPUS, 1005, "1.005"},
        {LIMIT_PROCESSES, 12, "12"},
        {LIMIT_INSTRUCTIONS, LIMIT_NONE, "none"},
        {LIMIT_CPUS, LIMIT_HOST, "host"},
    };
    char out[32];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        limit_print(rows[i].l, rows[i].value, out, sizeof out);
        ok(strcmp(out, rows[i].text) == 0, "printed as %s (%s)", rows[i].text, out);
    }
}

static void test_round_trip(void)
{
    uint64_t seed = 42, back;
    struct fault why;
    unsigned wrong = 0;
    char out[32];

    for (int i = 0; i < 50000; i++) {
        uint64_t value;

        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        value = (seed >> (1 + seed % 60)) + 1;
        if (value > INT64_MAX)
            continue;
        for (int l = 0; l < LIMIT__COUNT; l++) {
            limit_print((enum limit)l, value, out, sizeof out);
            wrong += limit_parse((enum limit)l, out, &back, &why) < 0 || back != value;
        }
    }
    ok(wrong == 0, "what is printed reads back equal (%u do not)", wrong);
}

static void test_names(void)
{
    struct limits l;
    bool clear = true;

    for (int i = 0; i < LIMIT__COUNT; i++)
        ok(limit_find(limit_info[i].text, strlen(limit_info[i].text)) == i, "%s is found",
           limit_info[i].text);
    ok(limit_find("mem", 3) == -1 && limit_find("memoryx", 7) == -1, "a part of a name is no name");
    limits_clear(&l);
    for (int i = 0; i < LIMIT__COUNT; i++)
        clear = clear && l.value[i] == LIMIT_NONE;
    ok(clear, "cleared limits are not set");
}

int main(void)
{
    test_parse();
    test_print();
    test_round_trip();
    test_names();
    return done();
}
