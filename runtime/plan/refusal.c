/* The refusal: every missing grant as the exact option that would give it. The texts come from a
 * manifest, and people paste options into shells: anything not plain is quoted. */
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/plan/plan.h"

static bool lacks_key(const struct plan *p)
{
    for (size_t i = 0; i < p->missing.count; i++)
        if (strncmp(p->missing.item[i], "keyring:", 8) == 0)
            return true;
    return false;
}

void plan_hints(const struct plan *p, const char *before, const char *after, struct str *out)
{
    if (p->changed && p->missing.count)
        str_addf(out, "%sthe bundle has changed: the policy's grants are for another digest%s",
                 before, after);
    if (p->unbound && lacks_key(p))
        str_addf(out,
                 "%sthe policy grants keys by the bundle's name alone, which anyone can use: add "
                 "its digest or path to the entry%s",
                 before, after);
}

void plan_options(const struct plan *p, struct str *out)
{
    for (size_t i = 0; i < p->missing.count; i++) {
        str_adds(out, i ? " --grant " : "--grant ");
        str_add_word(out, p->missing.item[i]);
    }
}

/* By design, no option helps if the command does not name the bundle. */
static void add_unnamed(const struct plan *p, struct str *out)
{
    str_adds(out, "asks for more than the policy files grant it (--grant applies only to the "
                  "bundle that the command names; see runbox-policy(5)): ");
    for (size_t i = 0; i < p->missing.count; i++) {
        str_adds(out, i ? ", " : "");
        str_adds(out, p->missing.item[i]);
    }
}

static void add_beyond(const struct plan *p, struct str *out)
{
    str_adds(out, p->missing.count ? "; and" : "asks");
    str_adds(out, " for more than the host's policy allows anyone: ");
    for (size_t i = 0; i < p->beyond.count; i++) {
        str_adds(out, i ? ", " : "");
        str_adds(out, p->beyond.item[i]);
    }
}

int plan_refusal(const struct plan *p, struct fault *why)
{
    autostr struct str text = {0};

    if (p->missing.count + p->beyond.count == 0)
        return 0;
    if (p->missing.count && p->named_elsewhere) {
        add_unnamed(p, &text);
    } else if (p->missing.count) {
        str_adds(&text, "asks for more than is granted; to grant it: ");
        plan_options(p, &text);
    }
    if (p->beyond.count)
        add_beyond(p, &text);
    plan_hints(p, " (", ")", &text);
    return fault_set(why, STATUS_REFUSED, 0, p->name, "%s",
                     text.failed ? "asks for more than is granted (see runbox explain)"
                                 : text.data);
}
