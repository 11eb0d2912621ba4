/* Findings as text for people. Texts of the untrusted document are escaped already, except for
 * pointers, which are here. */
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/brief.h"
#include "runtime/json/finding.h"

#define CAUSES_MAX 480 /* bytes of a message, roughly, from which on no further cause is added */

/* Recursion is bounded: lists nest to EXPLAIN_DEPTH. */
bool finding_walk(const struct finding *one, const char *label, finding_visit *each, void *of)
{
    autostr struct str longer = {0};

    str_adds(&longer, label);
    if (one->alternative)
        str_addf(&longer, "alternative %zu: ", one->alternative);
    if (longer.failed || !each(of, one, longer.data ? longer.data : ""))
        return false;
    for (size_t i = 0; one->within && i < one->within->count; i++)
        if (!finding_walk(&one->within->item[i], longer.data ? longer.data : "", each, of))
            return false;
    return true;
}

static void print_place(const struct finding *one, const char *where, struct str *out)
{
    str_adds(out, where);
    if (one->place.line)
        str_addf(out, ":%u:%u", one->place.line, one->place.column);
}

static void print_what(const struct finding *one, struct str *out)
{
    visible_add(out, one->pointer);
    str_adds(out, *one->pointer ? ": " : "");
    str_adds(out, one->message);
}

void finding_print(const struct finding *one, const char *where, struct str *out)
{
    print_place(one, where, out);
    str_adds(out, ": ");
    print_what(one, out);
}

struct causes {
    const struct finding *of;
    struct str *out;
};

/* Append "; alternative 2: MESSAGE", with the pointer where it is another. */
static bool add_cause(void *of, const struct finding *one, const char *label)
{
    struct causes *c = of;

    if (one == c->of || c->out->len > CAUSES_MAX || !*one->message)
        return true;
    str_addf(c->out, "; %s", label);
    if (strcmp(one->pointer, c->of->pointer) != 0) {
        visible_add(c->out, one->pointer);
        str_adds(c->out, ": ");
    }
    str_adds(c->out, one->message);
    return true;
}

static void print_causes(const struct finding *one, struct str *out)
{
    struct causes c = {one, out};

    if (!finding_walk(one, "", add_cause, &c))
        out->failed = true;
}

static int print_no_memory(const char *where, struct fault *why)
{
    return fault_set(why, STATUS_SETUP, 0, where, "not enough memory to check it");
}

int finding_fault(const struct finding *one, const char *where, struct fault *why)
{
    autostr struct str place = {0}, what = {0};

    print_place(one, where, &place);
    print_what(one, &what);
    print_causes(one, &what);
    if (place.failed || what.failed)
        return print_no_memory(where, why);
    return fault_set(why, STATUS_INVALID, 0, place.data, "%s", what.data);
}

int findings_fault(const struct findings *f, const char *where, struct fault *why)
{
    if (f->stopped)
        return fault_set(why, STATUS_CANCELLED, 0, where, "stopped before the check finished");
    return f->count ? finding_fault(&f->item[0], where, why) : print_no_memory(where, why);
}
