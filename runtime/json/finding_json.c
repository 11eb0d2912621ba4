/* Findings in JSON Schema's output format "basic", for programs. Texts come from hostile documents:
 * each is written as a JSON string, none is inserted raw. */
#include <string.h>

#include "runtime/json/finding.h"
#include "runtime/json/write.h"

static void add_member(struct str *out, const char *name, const char *text)
{
    str_addf(out, "\"%s\":", name);
    json_write_text(out, text, strlen(text));
}

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
    add_member(out, "error", one->message);
    str_addc(out, '}');
}

void findings_basic(const struct findings *f, struct str *out)
{
    str_adds(out, findings_any(f) ? "{\"valid\":false,\"errors\":[" : "{\"valid\":true");
    for (size_t i = 0; i < f->count; i++) {
        if (i)
            str_addc(out, ',');
        add_error(out, &f->item[i]);
    }
    str_adds(out, findings_any(f) ? "]}" : "}");
    if (f->no_memory)
        out->failed = true;
}
