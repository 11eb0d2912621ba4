/* Chooses a plan's seccomp program and names system calls. Trusts its plan; decides from a system
 * call's name only, never from a running process. */
#include "runtime/plan/filter.h"

#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/stock_filters.h"
#include "runtime/arch/arch.h"
#include "runtime/plan/rules.h"

#define STOCK(name) {stock_##name, sizeof stock_##name / sizeof stock_##name[0], NULL}

static const struct filter stock[] = {
    [PROFILE_COMPUTE] = STOCK(compute),
    [PROFILE_FILES] = STOCK(files),
    [PROFILE_NETWORK] = STOCK(network),
};

static const struct {
    const char *name, *why;
} never[] = {
#define NEVER(name, why) {#name, why},
#include "runtime/plan/never.def"
#undef NEVER
};

int filter_make(const struct plan *p, struct filter *f, struct fault *why)
{
    *f = stock[p->profile];
    if (p->allow.count == 0)
        return 0;
    if (rules_compile(p->profile, &p->allow, &f->owned, &f->count, why) < 0)
        return -1;
    f->program = f->owned;
    return 0;
}

uint32_t filter_monitor(int self, struct sock_filter *out)
{
    static const struct filter f = STOCK(monitor);

    _Static_assert(sizeof stock_monitor <= FILTER_MONITOR_MAX * sizeof *out, "it fits");
    memcpy(out, f.program, f.count * sizeof *out);
    for (uint32_t i = 0; i < f.count; i++)
        if (out[i].code == (BPF_JMP | BPF_JEQ | BPF_K) && out[i].k == FILTER_SELF)
            out[i].k = (uint32_t)self;
    return f.count;
}

const struct sock_filter *filter_broker(uint32_t *count)
{
    *count = sizeof stock_broker / sizeof stock_broker[0];
    return stock_broker;
}

void filter_free(struct filter *f)
{
    free(f->owned);
    *f = (struct filter){0};
}

const char *filter_never(const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);

    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (strcmp(never[i].name, name) == 0)
            return never[i].why;
    if (nr == __NR_SCMP_ERROR)
        return "there is no such system call";
    return nr < 0 ? "this architecture has no such system call" : NULL;
}

const char *filter_name(uint32_t arch, int nr, char *out, unsigned size)
{
    char *name = NULL;

    if (arch != SCMP_ARCH_NATIVE) /* 0: libseccomp's "native", no architecture of the kernel */
        name = seccomp_syscall_resolve_num_arch(ARCH_SECCOMP_OF(arch, nr), nr);
    if (name)
        snprintf(out, size, "%s", name);
    else
        snprintf(out, size, "#%d", nr);
    free(name);
    return out;
}

void filter_library(char *out, size_t size)
{
    const struct scmp_version *v = seccomp_version();

    snprintf(out, size, "%u.%u.%u", v->major, v->minor, v->micro);
}
