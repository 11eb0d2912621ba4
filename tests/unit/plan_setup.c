/* The filter in a box's setup, run over every call number: where no listener can be taken it kills what it
 * otherwise asks about, and allows what it otherwise allows. */
#include "runtime/plan/setup.h"

#include <linux/audit.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/bundle.h"
#include "runtime/base/str.h"
#include "runtime/plan/filter.h"
#include "schemas/setup.h"
#include "tests/unit/bpf.h"
#include "tests/unit/tap.h"

/* The setup's filter, to be freed; its flags in *FLAGS. */
static struct filter filter_of(const struct plan *p, uint32_t *flags)
{
    static const struct bundle none = {.path = "b"};
    autostr struct str out = {0};
    struct filter f = {0};
    struct setup head;
    struct fault why = {0};

    if (setup_write(p, NULL, &none, 0, &out, &why) < 0) {
        ok(false, "setup_write: %s: %s", why.where, why.what);
        exit(1);
    }
    memcpy(&head, out.data, sizeof head);
    *flags = head.flags;
    f.count = head.filter_count;
    f.owned = malloc(f.count * sizeof *f.owned);
    memcpy(f.owned, out.data + sizeof head, f.count * sizeof *f.owned);
    f.program = f.owned;
    return f;
}

static bool answers(const struct filter *named, const struct filter *unnamed,
                    const struct seccomp_data *d)
{
    uint32_t want = bpf_run(named, d);

    return bpf_run(unnamed, d) ==
           (want == SECCOMP_RET_USER_NOTIF ? SECCOMP_RET_KILL_PROCESS : want);
}

static void check(const char *name, enum profile profile, char **allow, size_t count)
{
    struct plan p = {.profile = profile, .allow = {count, allow}};
    uint32_t flags, unnamed_flags;
    struct filter named = filter_of(&p, &flags), unnamed;
    unsigned wrong = 0, killed = 0;

    p.unnamed = UNNAMED_YAMA;
    unnamed = filter_of(&p, &unnamed_flags);
    for (int nr = 0; nr < NUMBERS; nr++) {
        struct seccomp_data d = {.nr = nr, .arch = NATIVE_ARCH, .args = {1, 1, 1, 1, 1, 1}};

        wrong += !answers(&named, &unnamed, &d);
        killed += bpf_run(&unnamed, &d) == SECCOMP_RET_KILL_PROCESS;
        for (size_t i = 0; i < FOREIGN_COUNT; i++) {
            d.nr = nr | (int)foreign_archs[i].bit;
            d.arch = foreign_archs[i].arch;
            wrong += !answers(&named, &unnamed, &d);
        }
    }
    ok(wrong == 0 && killed > 0, "%s: what is not allowed kills (%u calls)", name, killed);
    ok(!(flags & SETUP_UNNAMED) && unnamed_flags == (flags | SETUP_UNNAMED),
       "%s: and the box is told that there is no listener", name);
    for (uint32_t i = 0; i < unnamed.count; i++)
        if (unnamed.program[i].code == (BPF_RET | BPF_K) &&
            unnamed.program[i].k == SECCOMP_RET_USER_NOTIF)
            ok(false, "%s: it would wait for a listener (instruction %u)", name, i);
    filter_free(&named);
    filter_free(&unnamed);
}

int main(void)
{
    static char uname[] = "uname", poll[] = "ppoll";
    char *allow[] = {uname, poll};

    check("compute", PROFILE_COMPUTE, NULL, 0);
    check("files", PROFILE_FILES, NULL, 0);
    check("network", PROFILE_NETWORK, NULL, 0);
    check("granted calls", PROFILE_COMPUTE, allow, 2);
    return done();
}
