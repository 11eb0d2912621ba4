/* Takes its notes with the part of the debug interface that allocates nothing: lua_getstack() and
 * lua_getinfo() with "S" and "l" push nothing. While Lua resizes a thread's stack, all pointers
 * into it are offsets (relstack(), ldo.c of 5.4.6): only the number of that thread's calls can be
 * read then, so the line is the one last seen. */
#include "runtime/script/core/deep.h"

#include <stdio.h>

#include "runtime/script/core/where.h"

#define DEEP    200 /* calls; a sane script stays below */
#define WAITING 200 /* coroutines waiting for each other: Lua's own limit (LUAI_MAXCCALLS) */

/* The level whose line is reported: it is at a call. The one above it may not have saved its
 * position yet. */
#define CALLER 1

/* Bytes that Lua requests for a stack of N values (lstate.h, EXTRA_STACK). */
#define STACK(n) (((size_t)(n) + 5) * 16)

struct note {
    int calls; /* 0: not deep */
    char line[DEEP_TEXT - 64];
};

static struct note noted;

static struct {
    struct note note;
    bool main;           /* in the main thread */
    unsigned looks, due; /* measurements since it became deep; when to count calls again */
} seen;

static bool has_level(lua_State *L, int level)
{
    lua_Debug ar;

    return lua_getstack(L, level, &ar);
}

/* The thread that L handles, in coroutine.resume or in a function of coroutine.wrap; NULL: none. */
static lua_State *handled(lua_State *L)
{
    lua_Debug ar;
    lua_State *co;

    if (!lua_getstack(L, 0, &ar) || !lua_getinfo(L, "S", &ar) || *ar.what != 'C')
        return NULL;
    co = lua_gettop(L) >= 1 ? lua_tothread(L, 1) : NULL;
    if (!co)
        co = lua_tothread(L, lua_upvalueindex(1));
    return co && co != L && lua_status(co) == LUA_OK ? co : NULL;
}

/* The thread that runs while L waits for it; NULL: L runs itself. */
static lua_State *resumed(lua_State *L)
{
    lua_State *co = handled(L);

    return co && has_level(co, 0) ? co : NULL;
}

/* L discards a coroutine that an error has unwound, and requests a small stack for it
 * (luaE_resetthread()): that this fails too is no news. */
static bool is_resetting(lua_State *L)
{
    lua_State *co = handled(L);

    return co && !has_level(co, 0);
}

/* The number of levels of L, which has more than DEEP. Each probe walks from the top. */
static int depth(lua_State *L)
{
    int there = DEEP, beyond = 2 * DEEP;

    for (; has_level(L, beyond); beyond *= 2)
        there = beyond;
    while (beyond - there > 1) {
        int middle = there + (beyond - there) / 2;

        *(has_level(L, middle) ? &there : &beyond) = middle;
    }
    return there + 1;
}

/* A lower bound on the levels, at most a fifth too low; each probe costs what it finds. */
static int about(lua_State *L)
{
    int there = DEEP;

    while (has_level(L, there + there / 4))
        there += there / 4;
    return there;
}

/* The loop is bounded: a coroutine in a C function whose argument is the thread that waits for it
 * would lead in a circle. */
static lua_State *running(lua_State *main)
{
    lua_State *L = main, *co = L;

    for (int i = 0; co && i < WAITING; i++, co = resumed(co))
        L = co;
    return L;
}

/* Counts calls only now and then while the stack deepens: all counts together cost a few times the
 * last one. */
void deep_measure(void *main)
{
    lua_State *L = running(main);

    seen.main = L == main;
    if (!has_level(L, DEEP) || !where_line(L, CALLER, seen.note.line, sizeof seen.note.line)) {
        seen.note.calls = 0;
        seen.looks = seen.due = 0;
        return;
    }
    if (seen.looks++ < seen.due)
        return;
    seen.note.calls = about(L);
    seen.due = seen.looks + seen.looks / 4;
}

static void note_seen(lua_State *main)
{
    noted = seen.note;
    if (noted.calls && seen.main)
        noted.calls = has_level(main, DEEP) ? depth(main) : 0;
}

static bool is_stack(size_t old, size_t new)
{
    return new == 2 * old - STACK(0) || new == STACK(LUAI_MAXSTACK);
}

void deep_note(void *main, size_t old, size_t new)
{
    lua_State *L;

    if (new < old) /* P stays where it is */
        return;
    if (old) { /* a stack, perhaps: its thread's lines must not be read */
        noted.calls = 0;
        if (is_stack(old, new))
            note_seen(main);
        return;
    }
    L = running(main);
    if (is_resetting(L))
        return;
    noted.calls = 0;
    if (has_level(L, DEEP) && where_line(L, CALLER, noted.line, sizeof noted.line))
        noted.calls = depth(L);
}

void deep_print(char *out)
{
    out[0] = '\0';
    if (noted.calls)
        snprintf(out, DEEP_TEXT, "the stack was %d calls deep at %s", noted.calls, noted.line);
}
