/* Names and exit statuses of the ways in which a run can end, from statuses.def. */
#include "schemas/status.h"

static const struct {
    const char *text;
    int exit;
} rows[] = {
#define STATUS(id, text, exit) {text, exit},
#include "schemas/statuses.def"
#undef STATUS
};

_Static_assert(sizeof rows / sizeof rows[0] == STATUS__COUNT, "one row a status");
_Static_assert(STATUS__COUNT == 15, "a new status belongs in report.schema.json and runbox.1 too");

const char *status_text(enum status s)
{
    return rows[s].text;
}

int status_exit(enum status s, int signo)
{
    if (s == STATUS_SIGNAL || s == STATUS_CANCELLED)
        return rows[s].exit + signo;
    return rows[s].exit;
}
