/* Both sides of a process apart: see apart.h. */
#include "runtime/cmd/apart.h"

#include <string.h>

#include "runtime/cmd/cmd.h"
#include "runtime/cmd/input.h"
#include "runtime/monitor/lessen.h"
#include "runtime/monitor/remote.h"
#include "schemas/json.h"

#define KEEP_MOST 6

int apart_enter(const struct broker_wire *wire, struct caller *caller, const int *keep, size_t n,
                struct remote **r, int *signals, struct fault *why)
{
    int all[KEEP_MOST] = {wire->orders, wire->signals, wire->room};
    size_t count = 3;

    *signals = wire->signals;
    if (wire->error)
        return fault_set(why, STATUS_SETUP, wire->error, "monitor",
                         "tying its life to the broker's");
    input_signals_from(wire->signals);
    json_seed();
    if (remote_open(wire->orders, r, why) < 0)
        return -1;
    for (size_t i = 0; i < n && count < KEEP_MOST; i++)
        all[count++] = keep[i];
    return monitor_drop(caller, all, count, why);
}

int apart_serve(struct broker *b)
{
    struct fault why = {0};
    int status = broker_serve(b, &why);

    if (status < 0)
        status = cmd_fault(&why);
    if (broker_close(b, &why) < 0)
        cmd_fault(&why);
    return status;
}
