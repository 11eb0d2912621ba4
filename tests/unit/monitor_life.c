/* The life of a run, cell by cell: which events can happen in which states, and what follows. What cannot happen ends the process. */
#include "runtime/monitor/life.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/tap.h"

static const char *const events[RUN_EVENT__COUNT] = {"start",  "result", "exit",
                                                     "decide", "die",    "detach"};

/* "-": it cannot happen. */
static const struct {
    const char *state, *next[RUN_EVENT__COUNT];
} rows[RUN_STATE__COUNT] = {
    /* clang-format off */
    /* state             start      result            exit            decide     die               detach */
    {"ready",           {"running", "-",              "-",            "-",       "-",              "-"}},
    {"running",         {"-",       "answered",       "exiting",      "stopped", "dead",           "-"}},
    {"answered",        {"-",       "-",              "exiting",      "stopped", "dead, answered", "-"}},
    {"exiting",         {"-",       "-",              "-",            "stopped", "dead, exited",   "dead, exited"}},
    {"stopped",         {"-",       "-",              "-",            "-",       "over",           "-"}},
    {"dead",            {"-",       "dead, answered", "dead, exited", "over",    "-",              "-"}},
    {"dead, answered",  {"-",       "-",              "dead, exited", "over",    "-",              "-"}},
    {"dead, exited",    {"-",       "-",              "-",            "over",    "-",              "-"}},
    {"over",            {"-",       "-",              "-",            "-",       "-",              "-"}},
    /* clang-format on */
};

static bool aborts(enum run_state s, enum run_event e)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        life_next(s, e);
        _exit(0);
    }
    return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_cell(enum run_state s, enum run_event e)
{
    const char *want = rows[s].next[e];

    if (strcmp(want, "-") == 0)
        ok(!life_may(s, e) && aborts(s, e), "%s: %s cannot happen", rows[s].state, events[e]);
    else
        ok(life_may(s, e) && strcmp(rows[life_next(s, e)].state, want) == 0, "%s: %s -> %s",
           rows[s].state, events[e], want);
}

int main(void)
{
    for (int s = 0; s < RUN_STATE__COUNT; s++) {
        enum run_state state = (enum run_state)s;
        bool dead = strncmp(rows[s].state, "dead", 4) == 0 || state == RUN_OVER;
        bool decided = state == RUN_STOPPED || state == RUN_OVER;

        ok(life_is_dead(state) == dead && life_is_decided(state) == decided, "%s: what holds of it",
           rows[s].state);
        for (int e = 0; e < RUN_EVENT__COUNT; e++)
            test_cell(state, (enum run_event)e);
    }
    return done();
}
