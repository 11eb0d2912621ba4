/* The setup: a header and texts, read straight into the arena (they count as the script's memory).
 * The arena is reserved, not populated: pages cost only when touched. Only the keys use malloc,
 * which is the arena by then. */
#include "runtime/script/core/setup.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/script/arena/arena.h"
#include "runtime/script/core/wire.h"

#define HUGE_PAGE  ((uintptr_t)2 << 20)
#define HUGE_FROM  ((size_t)16 << 20)
#define HUGE_AFTER ((size_t)4 << 20)
#define ARENA_MAX  ((uint64_t)1 << 38)

/* Candidate places for the arena: below the kernel's own choice of mappings, with room for the
 * largest arena. */
#define PLACE  ((uint64_t)1 << 32)
#define PLACES 0x7f00u

struct text boot_text(const char **at)
{
    uint32_t n;

    memcpy(&n, *at, sizeof n);

    struct text t = {*at + sizeof n, n};

    *at = t.at + n;
    return t;
}

/* Check that COUNT texts lie between *AT and END, and move *AT past them. */
static int skip_texts(const char **at, const char *end, uint64_t count)
{
    for (; count; count--) {
        uint32_t n;

        if ((size_t)(end - *at) < sizeof n)
            return -1;
        memcpy(&n, *at, sizeof n);
        if ((size_t)(end - *at) - sizeof n < n)
            return -1;
        *at += sizeof n + n;
    }
    return 0;
}

static int take_apart(struct boot *g, const char *at)
{
    size_t filter = (size_t)g->head.filter_count * sizeof(struct sock_filter);
    size_t rlimits = (size_t)g->head.rlimit_count * sizeof(struct setup_rlimit);
    const char *end = at + g->head.total;

    if (filter > g->head.total || rlimits > g->head.total - filter)
        return -1;
    g->filter = at;
    g->rlimits = at + filter;
    g->sources = at += filter + rlimits;
    if (skip_texts(&at, end, 2ull * g->head.source_count))
        return -1;
    return at == end ? 0 : -1;
}

static int take_texts(struct boot *g)
{
    const char *at = g->second, *end = at + g->head.texts, *texts;

    if (g->head.texts < sizeof g->counts)
        return -1;
    memcpy(&g->counts, at, sizeof g->counts);
    texts = at += sizeof g->counts;
    if (skip_texts(&at, end, 4))
        return -1;
    g->name = boot_text(&texts);
    g->version = boot_text(&texts);
    g->entry = boot_text(&texts);
    g->main = boot_text(&texts);
    g->calls = at;
    if (skip_texts(&at, end, g->counts.call_count))
        return -1;
    g->env = at;
    if (skip_texts(&at, end, 2ull * g->counts.env_count))
        return -1;
    return at == end ? 0 : -1;
}

/* Huge pages make a growing heap several times faster (one fault for 512), but the first touch of
 * one costs as much as a whole small script, and the cgroup counts all of it. So: only after the
 * first megabytes of large arenas. The limit stays exact, because the arena itself ends at it. */
static void advise(char *mem, const struct setup *head)
{
    if (head->arena >= HUGE_FROM) {
        uintptr_t from = ((uintptr_t)mem + HUGE_AFTER + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);

        madvise((void *)from, (uintptr_t)mem + head->arena - from, MADV_HUGEPAGE);
    }
}

/* Populate the pages of the N bytes at P that lie in the arena. Linux 5.14; without it, pages fault
 * in one by one. */
static void populate(char *mem, const struct setup *head, const void *p, size_t n)
{
    const size_t page = (size_t)getpagesize();
    size_t from = (size_t)((const char *)p - mem) & ~(page - 1);

    n = (n + page - 1) & ~(page - 1);
    if (n > head->arena - from)
        n = head->arena - from;
    if (n)
        madvise(mem + from, n, MADV_POPULATE_WRITE);
}

/* The arena starts at a multiple of 4 GiB, different in each process: the low 32 bits of an
 * object's address decide its place in a table (hashpointer, Lua's ltable.c) and thus the order of
 * next(), so a script can work them out. They are the same in every process; the random part is
 * above them, and *SEED is drawn apart from it. MAP_FAILED as for mmap(2). */
static void *reserve(size_t bytes, uint64_t *seed)
{
    for (;;) {
        uint64_t drawn;

        if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
            return MAP_FAILED;

        *seed = drawn >> 16;
        drawn &= 0xffff;

        void *wanted = (void *)((uintptr_t)(1 + drawn % PLACES) * PLACE);
        void *got = mmap(wanted, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

        if (got == wanted || (got == MAP_FAILED && errno != EEXIST))
            return got;
        if (got != MAP_FAILED) /* before Linux 4.17 the address is only a hint */
            munmap(got, bytes);
    }
}

int boot_read(int fd, struct boot *g, struct arena **arena, const char **why)
{
    struct setup *head = &g->head;
    void *mem, *room;
    char *kept;

    *why = "the setup ends early";
    if (fd_read_all(fd, head, sizeof *head))
        return -1;
    *why = "the setup is not of this version";
    if (head->magic != SETUP_MAGIC || head->line_max < 4096 || head->arena > ARENA_MAX ||
        head->total > ARENA_MAX || head->texts > ARENA_MAX)
        return -1;
    head->arena &= ~(uint64_t)(ARENA_PAGE - 1);
    *why = "cannot reserve the arena";
    mem = reserve(head->arena, &g->seed);
    if (mem == MAP_FAILED)
        return -1;
    advise(mem, head);
    populate(mem, head, mem, head->prefault < ARENA_HEAD ? head->prefault : ARENA_HEAD);
    *why = "the bundle does not fit its memory limit";
    *arena = arena_open(mem, head->arena, head->total + head->texts, &room);
    if (!*arena)
        return 1;
    kept = room;
    g->second = kept + head->total;
    if (head->prefault > ARENA_HEAD) /* a short run does not touch what lies between */
        populate(mem, head, kept, head->prefault - ARENA_HEAD);
    *why = "the setup ends early";
    if (fd_read_all(fd, kept, head->total))
        return -1;
    *why = "the setup is malformed";
    return take_apart(g, kept);
}

/* A secret's length may be SETUP_NO_SECRET: then no bytes follow. */
static int skip_keys(const char *at, const char *end, uint64_t count)
{
    for (; count; count--) {
        uint32_t n;

        if (skip_texts(&at, end, 2) || (size_t)(end - at) < sizeof n)
            return -1;
        memcpy(&n, at, sizeof n);
        if (n == SETUP_NO_SECRET)
            at += sizeof n;
        else if (skip_texts(&at, end, 1))
            return -1;
    }
    return at == end ? 0 : -1;
}

int boot_read_keys(struct wire *w, struct boot *g, const char **why)
{
    wire_take(w, &g->keys, sizeof g->keys);
    if (!g->keys.key_count)
        return 0;
    *why = "not enough memory for the keys";
    g->key = malloc(g->keys.bytes);
    if (!g->key) {
        wire_skip(w, g->keys.bytes);
        return 1;
    }
    wire_take(w, g->key, g->keys.bytes);
    *why = "the setup is malformed";
    return skip_keys(g->key, g->key + g->keys.bytes, g->keys.key_count);
}

int boot_read_texts(struct wire *w, struct boot *g, const char **why)
{
    wire_take(w, g->second, g->head.texts);
    *why = "the setup is malformed";
    return take_texts(g);
}

static bool same(struct text t, const char *s, size_t n)
{
    return t.n == n && memcmp(t.at, s, n) == 0;
}

bool boot_has_call(const struct boot *g, const char *method, size_t n)
{
    const char *at = g->calls;

    for (uint32_t i = 0; i < g->counts.call_count; i++)
        if (same(boot_text(&at), method, n))
            return true;
    return false;
}

static bool find_pair(const char *at, uint32_t count, const char *name, size_t n,
                      struct text *value)
{
    for (; count; count--) {
        bool found = same(boot_text(&at), name, n);

        *value = boot_text(&at);
        if (found)
            return true;
    }
    return false;
}

bool boot_env(const struct boot *g, const char *name, size_t n, struct text *value)
{
    return find_pair(g->env, g->counts.env_count, name, n, value);
}

bool boot_source(const struct boot *g, const char *path, size_t n, struct text *bytes)
{
    return find_pair(g->sources, g->head.source_count, path, n, bytes);
}
