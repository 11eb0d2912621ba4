/* Checks a run's result against the manifest's schema. It comes from the box: hostile, metered. */
#include "runtime/json/finding.h"
#include "runtime/json/json.h"
#include "runtime/json/schema/schema.h"
#include "runtime/monitor/watch.h"

enum fit { FITS, WRONG, LATER };

#define THRIFTY_STEPS 100000u /* a few milliseconds */

/* Set the hint *OF where ONE is about an empty table. */
static bool result_empty(void *of, const struct finding *one, const char *label)
{
    const char **hint = of;

    (void)label;
    if (one->is_empty)
        *hint = " (an empty table is {}: box.json.array() makes it [])";
    return true;
}

static void result_wrong(struct watch *w, const struct findings *found)
{
    const char *hint = "";
    struct fault why = {0};

    for (size_t i = 0; i < found->count && !*hint; i++)
        finding_walk(&found->item[i], "", result_empty, &hint);
    findings_fault(found, "result", &why);
    watch_decide(w, why.status, "the result does not fit the manifest's schema: %s%s", why.what,
                 hint);
}

/* While other runs wait for this loop (.thrifty), a long check is abandoned, uncounted, and put
 * off; only trying shows whether it is long. */
static enum fit result_check(struct watch *w, const struct event *e)
{
    struct findings found = {0};
    struct json_error error = {0};
    struct json_object *value = NULL;
    struct meter work = w->work;
    enum fit fit = WRONG;

    if (!w->result)
        return FITS;
    if (w->thrifty)
        meter_spare(&work, THRIFTY_STEPS);
    if (json_build_within(e->value.at, e->value.len, &work, &value, &error.offset) < 0) {
        error.spent = work.spent;
        error.what = error.spent ? meter_why(&work) : NULL;
        findings_unread(&found, e->value.at, e->value.len, &error);
    } else if (schema_validate_within(w->result, value, NULL, &work, &found) == 0) {
        fit = FITS;
    }
    if (w->thrifty && work.spent == METER_STEPS_SPENT) {
        fit = LATER;
    } else {
        work.most = 0;
        w->work = work;
        /* If a signal stopped the check, the loop reads it, and it decides. */
        if (fit == WRONG && !found.stopped)
            result_wrong(w, &found);
    }
    json_free(value);
    findings_free(&found);
    return fit;
}

bool result_fits(struct watch *w, const struct event *e)
{
    uint64_t since = w->waits ? w->waits : w->now;
    enum fit fit = result_check(w, e);

    w->waits = fit == LATER ? since : 0;
    if (fit != LATER) {
        w->away += box_now() - since;
        w->others = w->offered = 0;
    }
    return fit == FITS;
}
