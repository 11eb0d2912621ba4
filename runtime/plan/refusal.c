/* The refusal: every missing grant as the exact option that would give it. The texts come from a
 * manifest, and people paste options into shells: what is not plain is quoted. */
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/plan/plan.h"

static void add_quoted(struct str *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:=,+@%-";

    if (text[strspn(text, plain)] == '\0') {
        str_adds(out, text);
        return;
    }
    str_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            str_adds(out, "'\\''");
        else
            str_addc(out, *text);
    }
    str_addc(out, '\'');
}

void plan_options(const struct plan *p, struct str *out)
{
    for (size_t i = 0; i < p->missing.count; i++) {
        str_adds(out, i ? " --grant " : "--grant ");
        add_quoted(out, p->missing.item[i]);
    }
}

int plan_refusal(const struct plan *p, struct fault *why)
{
    autostr struct str options = {0};

    if (p->missing.count == 0)
        return 0;
    plan_options(p, &options);
    return fault_set(why, STATUS_REFUSED, 0, p->name,
                     "asks for what is not granted; to grant it: %s",
                     options.failed ? "(see runbox explain)" : options.data);
}
