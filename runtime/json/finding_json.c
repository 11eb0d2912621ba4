/* Findings in JSON Schema's output format "detailed", for programs. Texts come from hostile documents:
 * each is written as a JSON string, none is inserted raw. */
#include <string.h>

#include "runtime/json/finding.h"
#include "runtime/json/write.h"

static void add_member(struct str *out, const char *name, const char *text)
{
    str_addf(out, "\"%s\":", name);
    json_write_text(out, text, strlen(text));
}

static void add_errors(struct str *out, const struct findings *f);

/* One alternative that fails in several ways has no text, but errors. */
static void add_error(struct str *out, const struct finding *one)
{
    str_addc(out, '{');
    add_member(out, "instanceLocation", one->pointer);
    str_addc(out, ',');
    add_member(out, "keywordLocation", one->way ? one->way : one->schema);
    str_addc(out, ',');
    if (one->absolute) {
        add_member(out, "absoluteKeywordLocation", one->absolute);
        str_addc(out, ',');
    }
    if (*one->message)
        add_member(out, "error", one->message);
    if (one->within) {
        str_adds(out, *one->message ? "," : "");
        add_errors(out, one->within);
    }
    str_addc(out, '}');
}

static void add_errors(struct str *out, const struct findings *f)
{
    str_adds(out, "\"errors\":[");
    for (size_t i = 0; i < f->count; i++) {
        if (i)
            str_addc(out, ',');
        add_error(out, &f->item[i]);
    }
    str_addc(out, ']');
}

void findings_detailed(const struct findings *f, struct str *out)
{
    str_adds(out, findings_any(f) ? "{\"valid\":false," : "{\"valid\":true");
    if (findings_any(f))
        add_errors(out, f);
    str_addc(out, '}');
    if (f->no_memory)
        out->failed = true;
}
