/* A manifest from bytes, bundles/manifest*.c: what is accepted fits its schema; what is refused has its
 * reason, in words that a terminal may show once they are made visible. */
#include "bundles/manifest.h"

#include <string.h>

#include "tests/fuzz/judge/judge.h"

static struct bundle_file files[] = {
    {"data/words.txt", "w", 1}, {"lib/a.lua", "", 0}, {"main.lua", "", 0}};
static const struct bundle bundle = {.path = "bundles/x", .files = files, .count = 3};

static bool reads(const char *text, size_t n, const struct bundle *b)
{
    struct findings f = {0};
    struct manifest *m = NULL, *part = NULL;
    struct fault why = {0};
    bool good = manifest_read(text, n, "m", b, &m, &f, &why) == 0;

    must(good == !findings_any(&f), "accepted with findings, or refused without");
    must(good == !!m, "a manifest that is not to be run");
    must(good || *why.what, "refused without a word");
    findings_free(&f);
    manifest_free(m);
    must((manifest_examine(text, n, "m", b, &part, &f, &why) == 0) == good, "examined, it differs");
    findings_free(&f);
    manifest_free(part);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct schema *schema;
    const char *text = (const char *)data;
    bool good;

    if (!schema)
        schema = judge_schema("manifest", NULL);
    good = reads(text, n, NULL);
    must(good || !reads(text, n, &bundle), "more is accepted of a known bundle");
    must(!good || (judge_json(text, n, JSON_DEPTH_MAX) && judge_fits(schema, text, n)),
         "accepted, but not by the schema");
    return 0;
}
