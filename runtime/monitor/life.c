/* The table of a run's life: see life.h. */
#include "runtime/monitor/life.h"

#include <stdlib.h>

/* The state plus one; 0: the event cannot happen. */
#define TO(state) (RUN_##state + 1)

static const unsigned char next[RUN_STATE__COUNT][RUN_EVENT__COUNT] = {
    [RUN_READY] = {[RUN_START] = TO(RUNNING)},
    [RUN_RUNNING] = {[RUN_RESULT] = TO(ANSWERED),
                     [RUN_EXIT] = TO(EXITING),
                     [RUN_DECIDE] = TO(STOPPED),
                     [RUN_DIE] = TO(DEAD)},
    [RUN_ANSWERED] =
        {[RUN_EXIT] = TO(EXITING), [RUN_DECIDE] = TO(STOPPED), [RUN_DIE] = TO(DEAD_ANSWERED)},
    [RUN_EXITING] =
        {[RUN_DECIDE] = TO(STOPPED), [RUN_DIE] = TO(DEAD_EXITED), [RUN_DETACH] = TO(DEAD_EXITED)},
    [RUN_STOPPED] = {[RUN_DIE] = TO(OVER)},
    /* Its last lines are handled as if it were alive; then how it died decides. */
    [RUN_DEAD] =
        {[RUN_RESULT] = TO(DEAD_ANSWERED), [RUN_EXIT] = TO(DEAD_EXITED), [RUN_DECIDE] = TO(OVER)},
    [RUN_DEAD_ANSWERED] = {[RUN_EXIT] = TO(DEAD_EXITED), [RUN_DECIDE] = TO(OVER)},
    [RUN_DEAD_EXITED] = {[RUN_DECIDE] = TO(OVER)},
};

bool life_may(enum run_state s, enum run_event e)
{
    return next[s][e] != 0;
}

enum run_state life_next(enum run_state s, enum run_event e)
{
    if (!next[s][e])
        abort();
    return (enum run_state)(next[s][e] - 1);
}
