/* generated FIRST COUNT: print documents from the fuzzers' grammar, a line for each seed from FIRST
 * on: {"schema":...,"instance":...}. For tests of how each verb handles them. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/str.h"
#include "tests/fuzz/judge/hostile.h"

int main(int argc, char **argv)
{
    uint32_t first, count;

    if (argc != 3) {
        fprintf(stderr, "usage: generated FIRST COUNT\n");
        return 1;
    }
    first = (uint32_t)strtoul(argv[1], NULL, 10);
    count = (uint32_t)strtoul(argv[2], NULL, 10);
    for (uint32_t i = 0; i < count; i++) {
        autostr struct str schema = {0}, instance = {0};

        hostile_of_seed(first + i, &schema, &instance);
        printf("{\"schema\":%s,\"instance\":%s}\n", schema.data, instance.data);
    }
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
