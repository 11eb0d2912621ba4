/* The states of a run, from the time its box is ready: what the box has sent, whether its process
 * is alive, whether the verdict is final. One table of states and events; pure. */
#ifndef MONITOR_LIFE_H
#define MONITOR_LIFE_H

#include <stdbool.h>

enum run_state {
    RUN_READY,         /* the box waits for its start line */
    RUN_RUNNING,       /* the script runs */
    RUN_ANSWERED,      /* the box has sent its Result; its Exit is to follow */
    RUN_EXITING,       /* it has sent its Exit or Limit; the process is exiting */
    RUN_STOPPED,       /* ended from outside: the verdict is final, the box is killed */
    RUN_DEAD,          /* the process has exited; lines may be left in the wire */
    RUN_DEAD_ANSWERED, /* the same, after its Result */
    RUN_DEAD_EXITED,   /* the same, after its Exit */
    RUN_OVER, /* the verdict is final; the process has exited, or is left to box_delete() */
    RUN_STATE__COUNT
};

enum run_event {
    RUN_START,  /* the start line is sent */
    RUN_RESULT, /* the box sends its Result */
    RUN_EXIT,   /* ... its Exit or Limit: nothing may follow */
    RUN_DECIDE, /* the first cause of its end: the verdict */
    RUN_DIE,    /* the process has exited and was reaped */
    RUN_DETACH, /* it has sent its Exit and is not waited for (end.c) */
    RUN_EVENT__COUNT
};

/* Whether E can happen in state S. */
bool life_may(enum run_state s, enum run_event e);

/* The state after E in S; abort(3) unless life_may(S, E), for that is a bug. */
enum run_state life_next(enum run_state s, enum run_event e);

static inline bool life_is_decided(enum run_state s)
{
    return s == RUN_STOPPED || s == RUN_OVER;
}

static inline bool life_is_dead(enum run_state s)
{
    return s >= RUN_DEAD;
}

#endif
