/* host/checkup.h: which defaults count as held, on hosts that are not this one; trying in a child. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bundles/manifest.h"
#include "runtime/base/fields.h"
#include "runtime/cmd/doctor.h"
#include "tests/unit/tap.h"

/* The defaults on an ordinary user's host without delegated groups. */
static struct plan *plan_on(bool swap, enum hierarchy memory)
{
    static const char text[] = "{\"runbox\":1,\"name\":\"t\",\"version\":\"1.0.0\"}";
    struct host host = {.uid = 1000,
                        .gid = 1000,
                        .user_namespaces = true,
                        .swap = swap,
                        .cpus = 2,
                        .controllers = {[CONTROLLER_MEMORY] = memory},
                        .rlimit_hard = {[0 ... RLIM__COUNT - 1] = UINT64_MAX}};
    struct findings found = {0};
    struct grants none = {0};
    struct manifest *m = NULL;
    struct plan *p = NULL;
    struct fault why = {0};

    limits_clear(&none.override);
    if (manifest_read(text, sizeof text - 1, "t", NULL, &m, &found, &why) < 0 ||
        plan_make(m, &none, &host, &p, &why) < 0)
        ok(false, "the plan: %s: %s", why.where, why.what);
    manifest_free(m);
    findings_free(&found);
    return p;
}

static unsigned unheld_on(bool swap, enum hierarchy memory)
{
    struct plan *p = plan_on(swap, memory);
    unsigned mask = 0;

    for (int i = 0; i < LIMIT__COUNT && p; i++)
        mask |= (unsigned)doctor_unheld(p, (enum limit)i) << i;
    plan_free(p);
    return mask;
}

static int number(int n)
{
    return n;
}

static int die(int signal)
{
    kill(getpid(), signal);
    return 0;
}

int main(void)
{
    struct checkup c = {0};
    struct check *k;
    char line[8];

    ok(unheld_on(false, HIERARCHY_NONE) == 0, "no swap, no controller: everything is held");
    ok(unheld_on(true, HIERARCHY_NONE) == 1u << LIMIT_SWAP, "swap and no controller: swap is not");
    ok(unheld_on(true, HIERARCHY_V1) == 0, "swap and a controller: everything is");

    ok(check_try(number, 0) == 0 && check_try(number, EPERM) == EPERM,
       "a child's errno comes back");
    ok(check_try(die, SIGKILL) == EINTR, "a child that was killed has not succeeded");

    k = check_add(&c, "a", "b", "found %d", 7);
    ok(k->state == CHECK_WORKS && strcmp(k->what, "found 7") == 0 && !k->how[0], "a check");
    check_missing(k, "do %s", "this");
    ok(k->state == CHECK_MISSING && strcmp(k->how, "do this") == 0, "and one that is missing");
    for (int i = 0; i < 2 * CHECKS_MAX; i++)
        check_add(&c, "a", "b", "%d", i);
    ok(c.count < CHECKS_MAX, "there is an end to them");

    ok(!field_file("/nowhere", line, sizeof line), "a file that is not there");
    ok(field_file("/proc/version", line, sizeof line) && strcmp(line, "Linux v") == 0,
       "a long line is cut");
    return done();
}
