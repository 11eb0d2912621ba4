/* syscalls.def -> a seccomp program. Trusts that table (it is ours) and the names of an allow list,
 * checked when the plan was made. Loads nothing: the box does, with the bytes made here. */
#include "runtime/plan/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/arch/arch.h"
#include "runtime/base/fd.h"
#include "runtime/plan/rule.h"

enum level { LEVEL_COMPUTE, LEVEL_FILES, LEVEL_NETWORK, LEVEL_GRANTED };

_Static_assert((int)LEVEL_COMPUTE == PROFILE_COMPUTE && (int)LEVEL_FILES == PROFILE_FILES &&
                   (int)LEVEL_NETWORK == PROFILE_NETWORK,
               "each profile holds the rows of those before it");

static const struct rule rules[] = {
#define CALL(level, name, why)         ROW(LEVEL_##level, name),
#define CALL_IF(level, name, why, ...) ROW_IF(LEVEL_##level, name, __VA_ARGS__),
#include "runtime/plan/syscalls.def"
#undef CALL
#undef CALL_IF
};

#define RULE_COUNT (sizeof rules / sizeof rules[0])

/* Whether R belongs to profile P and no row of a later profile bounds its call. */
static bool rules_apply(const struct rule *r, enum profile p)
{
    if (r->level > (int)p || r->argc > 0)
        return r->level <= (int)p;
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].nr == r->nr && rules[i].argc > 0 && rules[i].level > r->level &&
            rules[i].level <= (int)p)
            return false;
    return true;
}

bool rules_within(enum profile p, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(rules[i].name, name) != 0)
            continue;
        if (rules[i].argc == 0 && rules_apply(&rules[i], p))
            return true;
        if (rules[i].level > (int)p)
            return false;
        found = true;
    }
    return found;
}

/* Whether R is not the first row of its call in profile P. */
static bool rules_ask_listener(const struct rule *r, enum profile p)
{
    for (const struct rule *before = rules; before < r; before++)
        if (before->nr == r->nr && rules_apply(before, p))
            return true;
    return false;
}

const char *rules_next(enum profile p, size_t *at, bool *bounded)
{
    while (*at < RULE_COUNT) {
        const struct rule *r = &rules[(*at)++];

        if (!rules_apply(r, p) || rules_ask_listener(r, p))
            continue;
        *bounded = r->argc > 0;
        return r->name;
    }
    return NULL;
}

int rules_add_row(void *ctx, const struct rule *r)
{
    return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(r->name),
                                  r->argc, r->args);
}

/* Add every row of the call NAME, or allow any arguments if it has none. */
static int add_granted(scmp_filter_ctx ctx, const char *name)
{
    bool found = false;
    int rc = 0;

    for (size_t i = 0; i < RULE_COUNT && rc == 0; i++) {
        if (strcmp(rules[i].name, name) != 0)
            continue;
        found = true;
        rc = rules_add_row(ctx, &rules[i]);
    }
    if (found)
        return rc;
    return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(name), 0, NULL);
}

struct profile_rules {
    enum profile p;
    const struct names *allow;
};

static int add_rules(void *ctx, const void *of)
{
    const struct profile_rules *wanted = of;
    const struct names *allow = wanted->allow;
    enum profile p = wanted->p;

    /* Calls of other architectures (int 0x80, x32) are as forbidden and visible as any. */
    int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_NOTIFY);

    for (size_t i = 0; i < RULE_COUNT && rc == 0; i++)
        if (rules_apply(&rules[i], p))
            rc = rules_add_row(ctx, &rules[i]);
    for (size_t i = 0; i < allow->count && rc == 0; i++)
        rc = add_granted(ctx, allow->item[i]);
    /* The wire is the box's only hot path: test its two calls first. */
    if (rc == 0)
        rc = seccomp_syscall_priority(ctx, seccomp_syscall_resolve_name("read"), 255);
    if (rc == 0)
        rc = seccomp_syscall_priority(ctx, seccomp_syscall_resolve_name("write"), 254);
    return rc;
}

void *rules_begin(uint32_t otherwise)
{
    scmp_filter_ctx ctx;

    /* Otherwise libseccomp asks the running kernel, which may not be the one that the
     * program runs on. */
    seccomp_api_set(5);
    ctx = seccomp_init(otherwise);
    if (!ctx || seccomp_arch_native() == ARCH_AUDIT ||
        (seccomp_arch_add(ctx, ARCH_AUDIT) == 0 && seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE) == 0))
        return ctx;
    seccomp_release(ctx);
    return NULL;
}

int rules_prepend(const struct sock_filter *front, uint32_t n, struct sock_filter **program,
                  uint32_t *count)
{
    struct sock_filter *whole = malloc((*count + n) * sizeof *whole);

    if (!whole)
        return -ENOMEM;
    memcpy(whole, front, n * sizeof *whole);
    memcpy(whole + n, *program, *count * sizeof *whole);
    free(*program);
    *program = whole;
    *count += n;
    return 0;
}

/* Load an argument first: the kernel then does not evaluate the program for each of 900 call
 * numbers at load time (seccomp_cache_prepare(), Linux 5.11). That takes half of the load time or
 * more, which a short-lived process never earns back. */
static int skip_cache(struct sock_filter **program, uint32_t *count)
{
    const struct sock_filter look =
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));

    return rules_prepend(&look, 1, program, count);
}

/* libseccomp 2.5 exports only to a descriptor. */
int rules_export(void *ctx, struct sock_filter **program, uint32_t *count)
{
    autoclose int fd = memfd_create("filter", MFD_CLOEXEC);
    autofree char *bytes = NULL;
    off_t size;
    int rc;

    if (fd < 0)
        return -errno;
    rc = seccomp_export_bpf(ctx, fd);
    if (rc < 0)
        return rc;
    size = lseek(fd, 0, SEEK_END);
    if (size < 0)
        return -errno;
    if (size == 0 || (size_t)size > BPF_MAXINSNS * sizeof **program)
        return -E2BIG;
    bytes = malloc((size_t)size);
    if (!bytes)
        return -ENOMEM;
    if (pread(fd, bytes, (size_t)size, 0) != size)
        return -EIO;
    *count = (uint32_t)((size_t)size / sizeof **program);
    *program = (struct sock_filter *)(void *)steal_pointer(&bytes);
    return skip_cache(program, count);
}

int rules_build(uint32_t otherwise, int (*add)(void *ctx, const void *of), const void *of,
                struct sock_filter **program, uint32_t *count, struct fault *why)
{
    scmp_filter_ctx ctx = rules_begin(otherwise);
    int rc;

    if (!ctx)
        return fault_set(why, STATUS_SETUP, ENOMEM, "seccomp", "starting a filter");
    rc = add(ctx, of);
    if (rc == 0)
        rc = rules_export(ctx, program, count);
    seccomp_release(ctx);
    if (rc < 0)
        return fault_set(why, STATUS_SETUP, -rc, "seccomp", "compiling a filter");
    return 0;
}

int rules_compile(enum profile p, const struct names *allow, struct sock_filter **program,
                  uint32_t *count, struct fault *why)
{
    const struct profile_rules wanted = {p, allow};

    return rules_build(SCMP_ACT_NOTIFY, add_rules, &wanted, program, count, why);
}
