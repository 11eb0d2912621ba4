/* A box program, the confined half of runbox. The jail executes it with one descriptor, 0, a stream
 * socket. It reads its setup there, reserves its memory, loads its filter, and only then lets Lua
 * see a byte of the bundle. It trusts the broker and the monitor, and nothing else; it opens only
 * files that a script asks for (profile "files"). */
#include "runtime/script/start/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/script/arena/arena.h"
#include "runtime/script/arena/heap.h"
#include "runtime/script/core/box.h"
#include "runtime/script/core/closures.h"
#include "runtime/script/core/crash.h"
#include "runtime/script/core/deep.h"
#include "runtime/script/core/filter.h"
#include "runtime/script/core/release.h"
#include "runtime/script/core/where.h"
#include "runtime/script/lib/count.h"
#include "runtime/script/lib/run.h"

static struct box box;
static const struct program *program;

/* The C library reads the time zone once, here: under the filter it could not open a file. ":" is
 * UTC by definition, without a file to search for (tzset(3); glibc's tzfile.c: "use UTC with no
 * leap seconds"). */
static void forget_the_host(void)
{
    static char zone[] = "TZ=:";
    static char *environment[] = {zone, NULL};

    environ = environment;
    tzset();
}

/* At its first return to user space, each forked box would get its current CPU written to the area
 * that the C library registered (rseq(2)): a page copied for nothing. Failure is harmless. */
static void forget_rseq(void)
{
    if (__rseq_size)
        syscall(SYS_rseq, (char *)__builtin_thread_pointer() + __rseq_offset, sizeof(struct rseq),
                RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

static int panic(lua_State *L)
{
    (void)L;
    crash();
}

#define NO_MEMORY "not enough memory to start Lua"

/* Until lua_pcall(3), only what allocates nothing may be called: an error would be a panic. */
static lua_State *state_open(void)
{
    lua_State *L = lua_newstate(arena_lua, box.arena);

    if (!L)
        box_exit_limit(&box, "memory", NO_MEMORY);
    lua_atpanic(L, panic);
    return L;
}

struct trial {
    bool counts, reads; /* to be tried: the instruction counter, the bytecode */
    const char *why;    /* what is not as this program knows it; NULL: nothing */
};

static int trial_run(lua_State *L)
{
    struct trial *t = lua_touserdata(L, 1);

    luaL_checkversion(L);
    if (t->counts && !count_find(L))
        t->why = LUA_RELEASE " counts instructions in a way unknown here: they cannot be limited";
    else if (t->reads && !program->reads(L))
        t->why = LUA_RELEASE " makes bytecode that is unknown here: no source can be checked";
    return 0;
}

/* What this box will need to know of Lua's internals, tried on a state of its own, before a byte of
 * the bundle is seen. Most boxes need nothing. */
static void try_lua(void)
{
    struct trial t = {
        .counts = box.left != UINT64_MAX || box.boot.head.flags & SETUP_TEMPLATE,
        .reads = box.boot.head.flags & SETUP_CHECK,
    };
    lua_State *L;
    int status;

    if (!t.counts && !t.reads)
        return;
    L = state_open();
    closures_push_hidden(L, trial_run);
    lua_pushlightuserdata(L, &t);
    status = lua_pcall(L, 1, 0, 0);
    if (status == LUA_ERRMEM)
        box_exit_limit(&box, "memory", NO_MEMORY);
    if (status != LUA_OK)
        box_exit_setup(&box, lua_tostring(L, -1));
    if (t.why)
        box_exit_setup(&box, t.why);
    lua_close(L);
}

/* Runs under the filter; a template loads it after opening Lua's libraries. */
static _Noreturn void run(void)
{
    lua_State *L;
    char deep[DEEP_TEXT];
    size_t n;

    heap_draw(box.boot.seed);
    L = state_open();
    heap_draw(0);
    arena_watch(box.arena, deep_measure, deep_note, L);
    *(struct box **)lua_getextraspace(L) = &box;
    closures_push_hidden(L, run_message);
    closures_push_hidden(L, program->job(box.boot.head.flags));

    int status = lua_pcall(L, 0, 0, 1);

    if (status == LUA_OK)
        box_exit_ok(&box);
    if (status == LUA_ERRMEM) {
        deep_print(deep);
        box_exit_limit(&box, "memory", deep[0] ? deep : "not enough memory");
    }
    run_tell(L);

    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;

    if (!text) {
        text = "error in error handling";
        n = sizeof "error in error handling" - 1;
    }
    box_exit_error(&box, text, n);
}

/* For whoever starts this program by hand: the jail gives it no argument. */
static int say_version(void)
{
    char text[256], libraries[128] = "";
    ssize_t n;

    if (program->libraries)
        program->libraries(libraries, sizeof libraries);
    n = snprintf(text, sizeof text, "%s " RUNBOX_VERSION "\n" LUA_RELEASE "\n%s", program->name,
                 libraries);
    return write(STDOUT_FILENO, text, (size_t)n) == n ? 0 : 1;
}

int start_program(const struct program *p, int argc, char **argv)
{
    char other[sizeof((struct setup_ready *)NULL)->text];
    const char *why;
    int listener, given;

    program = p;
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return say_version();
    box.wire.line_max = sizeof box.wire.text; /* until the setup is read */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
        box_exit_setup(&box, "cannot be made undumpable");
    if (!release_fits(other, sizeof other))
        box_exit_setup(&box, other);
    given = boot_read(0, &box.boot, &box.arena, &why);
    if (given > 0)
        box_exit_limit(&box, "memory", why);
    if (given < 0)
        box_exit_setup(&box, why);
    if (!p->job(box.boot.head.flags))
        box_exit_setup(&box, "this is the program of other boxes");
    box.wire.line_max = box.boot.head.line_max;
    box.left = box.boot.head.instructions;
    box.warnings = true;
    heap_open(box.arena);
    forget_the_host();
    try_lua();
    if (box.boot.head.flags & SETUP_TEMPLATE) {
        forget_rseq();
        run();
    }
    if (filter_load(&box.boot, &listener, &why))
        box_exit_setup(&box, why);
    box_say_ready(&box, listener, box.boot.head.flags & SETUP_FILES ? where_address() : 0);
    run_read_setup(&box);
    run();
}
