/* Writes what a box reads at its start (schemas/setup.h): first the header, filter and sources,
 * then the manifest's texts. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "bundles/bundle.h"
#include "runtime/plan/filter.h"
#include "runtime/plan/setup.h"
#include "schemas/setup.h"

/* Pages of the arena that every run touches (the Lua state, its libraries, the bundle):
 * populated in one call before the filter, since one by one they cost a page fault of some
 * microseconds each. */
#define PREFAULT_BYTES (80u * 1024)

static void setup_add_text(struct str *out, const char *bytes, size_t n)
{
    uint32_t len = (uint32_t)n;

    str_add(out, &len, sizeof len);
    str_add(out, bytes, n);
}

static uint32_t count_sources(const struct bundle *b)
{
    uint32_t n = 0;

    for (size_t i = 0; i < b->count; i++)
        n += bundle_is_source(b->files[i].path);
    return n;
}

static void add_sources(const struct bundle *b, struct str *out)
{
    for (size_t i = 0; i < b->count; i++)
        if (bundle_is_source(b->files[i].path)) {
            setup_add_text(out, b->files[i].path, strlen(b->files[i].path));
            setup_add_text(out, b->files[i].bytes, b->files[i].size);
        }
}

int setup_texts(const struct plan *p, struct str *out, struct fault *why)
{
    struct setup_texts head = {(uint32_t)p->calls.count, (uint32_t)p->env_count};

    str_add(out, &head, sizeof head);
    setup_add_text(out, p->name, strlen(p->name));
    setup_add_text(out, p->version, strlen(p->version));
    setup_add_text(out, p->entry, strlen(p->entry));
    setup_add_text(out, p->main, strlen(p->main));
    for (size_t i = 0; i < p->calls.count; i++)
        setup_add_text(out, p->calls.item[i], strlen(p->calls.item[i]));
    for (size_t i = 0; i < p->env_count; i++) {
        setup_add_text(out, p->env[i].name, strlen(p->env[i].name));
        setup_add_text(out, p->env[i].value, strlen(p->env[i].value));
    }
    return out->failed ? fault_set(why, STATUS_SETUP, ENOMEM, "setup", "writing its texts") : 0;
}

/* A filter asks its listener; without one it is to kill, at once and whatever another filter answers
 * (seccomp(2)). */
static void add_filter(const struct filter *f, bool unnamed, struct str *out)
{
    size_t from = out->len;

    str_add(out, f->program, f->count * sizeof *f->program);
    for (uint32_t i = 0; i < f->count && unnamed && !out->failed; i++) {
        struct sock_filter one = f->program[i];

        if (one.code != (BPF_RET | BPF_K) || one.k != SECCOMP_RET_USER_NOTIF)
            continue;
        one.k = SECCOMP_RET_KILL_PROCESS;
        memcpy(out->data + from + i * sizeof one, &one, sizeof one);
    }
}

/* Append rlimit R if a template's BOXES have it tighter than the template P. How many
 * were appended. */
static uint32_t add_rlimit(const struct plan *p, const struct plan *boxes, enum rlim r,
                           struct str *out)
{
    const struct plan_rlimit *mine = &p->rlimits[r], *theirs = &boxes->rlimits[r];
    struct setup_rlimit one = {(uint64_t)r, theirs->soft, theirs->hard};

    if (mine->soft == theirs->soft && mine->hard == theirs->hard)
        return 0;
    str_add(out, &one, sizeof one);
    return 1;
}

int setup_write(const struct plan *p, const struct plan *boxes, const struct bundle *b,
                uint64_t texts, struct str *out, struct fault *why)
{
    struct filter filter;
    struct setup head = {
        .magic = SETUP_MAGIC,
        .texts = texts,
        .arena = p->arena,
        .instructions = p->limits[LIMIT_INSTRUCTIONS].effective,
        .line_max = WIRE_LINE_MAX,
        .flags = (p->profile == PROFILE_COMPUTE ? 0 : SETUP_FILES) |
                 (p->entry_named ? SETUP_ENTRY_NAMED : 0) | (p->unnamed ? SETUP_UNNAMED : 0) |
                 p->flags,
        .source_count = count_sources(b),
        .prefault = PREFAULT_BYTES,
    };

    if (filter_make(p, &filter, why) < 0)
        return -1;
    head.filter_count = filter.count;
    str_add(out, &head, sizeof head);
    add_filter(&filter, p->unnamed != UNNAMED_NO, out);
    filter_free(&filter);
    for (size_t i = 0; i < RLIM__COUNT && boxes; i++)
        head.rlimit_count += add_rlimit(p, boxes, (enum rlim)i, out);
    add_sources(b, out);
    if (out->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "setup", "allocating %zu bytes", out->len);
    head.total = out->len - sizeof head;
    memcpy(out->data, &head, sizeof head);
    return 0;
}
