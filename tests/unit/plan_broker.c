/* The broker's filter, run over every call number by an interpreter: it refuses, in a way that a box's own filter outranks,
 * what no grant allows and no broker calls; and nothing that may be granted. */
#include <linux/audit.h>
#include <seccomp.h>

#include "runtime/plan/filter.h"
#include "tests/unit/bpf.h"
#include "tests/unit/tap.h"

static const char *const kept[] = {
#define KEPT(name, why) #name,
#include "runtime/plan/stock/broker.def"
#undef KEPT
};

static bool is_kept(const char *name)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (strcmp(kept[i], name) == 0)
            return true;
    return false;
}

static uint32_t answer(uint32_t arch, int nr)
{
    struct filter f = {0};
    const struct seccomp_data d = {.nr = nr, .arch = arch};

    f.program = filter_broker(&f.count);
    return bpf_run(&f, &d);
}

int main(void)
{
    unsigned wrong = 0, refused = 0, foreign = 0, names = 0;

    for (int nr = 0; nr < NUMBERS; nr++) {
        char name[FILTER_NAME_MAX];
        uint32_t said = answer(NATIVE_ARCH, nr);
        bool known = filter_name(NATIVE_ARCH, nr, name, sizeof name)[0] != '#';
        bool no = known && filter_never(name) && !is_kept(name);

        refused += said == SECCOMP_RET_TRACE;
        wrong += said != (no ? SECCOMP_RET_TRACE : SECCOMP_RET_ALLOW);
        for (size_t i = 0; i < FOREIGN_COUNT; i++)
            foreign +=
                answer(foreign_archs[i].arch, nr | foreign_archs[i].bit) != SECCOMP_RET_TRACE;
    }
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        names += filter_never(kept[i]) != NULL;
    ok(wrong == 0, "of %d numbers, %u are answered otherwise", NUMBERS, wrong);
    ok(refused > 60, "%u are refused", refused);
    ok(foreign == 0, "none of other architectures (%s) passes", FOREIGN_NAMES);
    ok(names == sizeof kept / sizeof kept[0], "what is kept would be refused: no line is idle");
    ok(answer(NATIVE_ARCH, -1) == SECCOMP_RET_ALLOW,
       "a call that a tracer skips goes on, to nothing");
    return done();
}
