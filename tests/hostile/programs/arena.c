/* What the hostile build of runbox-lua is linked with, and nothing else is: the Nth allocation from the arena
 * fails, Lua's or the C library's, as HOSTILE_ALLOCATION=N in the manifest's "env" says, or the Nth and all
 * behind it ("N+"). "count": none does, and the script ends with an error that says how many there were. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/script/arena/arena.h"
#include "runtime/script/core/box.h"
#include "runtime/script/core/setup.h"

int __real_boot_read_texts(struct wire *w, struct boot *g, const char **why);
int __wrap_boot_read_texts(struct wire *w, struct boot *g, const char **why);
void *__real_arena_alloc(struct arena *a, size_t n);
void *__wrap_arena_alloc(struct arena *a, size_t n);
void *__real_arena_resize(struct arena *a, void *p, size_t old, size_t new);
void *__wrap_arena_resize(struct arena *a, void *p, size_t old, size_t new);
void *__real_arena_lua(void *ud, void *p, size_t osize, size_t nsize);
void *__wrap_arena_lua(void *ud, void *p, size_t osize, size_t nsize);
_Noreturn void __real_box_exit_ok(struct box *b);
_Noreturn void __wrap_box_exit_ok(struct box *b);

static unsigned long seen, fatal;
static bool all, counts;

int __wrap_boot_read_texts(struct wire *w, struct boot *g, const char **why)
{
    static const char name[] = "HOSTILE_ALLOCATION";
    int r = __real_boot_read_texts(w, g, why);
    struct text value;
    char digits[24] = "";

    if (r == 0 && boot_env(g, name, sizeof name - 1, &value) && value.n < sizeof digits) {
        memcpy(digits, value.at, value.n);
        fatal = strtoul(digits, NULL, 10);
        all = strchr(digits, '+') != NULL;
        counts = strcmp(digits, "count") == 0;
    }
    return r;
}

static bool fails(void)
{
    seen++;
    return fatal && (seen == fatal || (all && seen > fatal));
}

void *__wrap_arena_alloc(struct arena *a, size_t n)
{
    return fails() ? NULL : __real_arena_alloc(a, n);
}

void *__wrap_arena_resize(struct arena *a, void *p, size_t old, size_t new)
{
    return new > old &&fails() ? NULL : __real_arena_resize(a, p, old, new);
}

/* Lua takes it for granted that shrinking and freeing never fail (lua_Alloc in its manual). */
void *__wrap_arena_lua(void *ud, void *p, size_t osize, size_t nsize)
{
    return nsize && (!p || nsize > osize) && fails() ? NULL : __real_arena_lua(ud, p, osize, nsize);
}

_Noreturn void __wrap_box_exit_ok(struct box *b)
{
    char text[64];

    snprintf(text, sizeof text, "allocations: %lu", seen);
    if (counts)
        box_exit_error(b, text, strlen(text));
    __real_box_exit_ok(b);
}
