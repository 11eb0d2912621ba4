/* A policy file from bytes, runtime/state/policy_file.c: what is accepted fits its schema. */
#include "runtime/state/policy_file.h"

#include <string.h>

#include "runtime/json/json.h"
#include "tests/fuzz/judge/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct schema *schema;
    autostr struct str text = {0};
    struct policy_file file;
    struct fault why = {0};

    if (!schema)
        schema = judge_schema("policy", NULL);
    str_add(&text, data, n);
    if (!text.data)
        return 0;
    if (policy_file_read(&text, "policy.json", &file, &why) < 0) {
        must(*why.what && *why.where, "refused without a word");
    } else {
        must(judge_json(text.data, n, JSON_DEPTH_MAX) && judge_fits(schema, text.data, n),
             "accepted, but not by the schema");
        for (size_t i = 0; i < file.count; i++)
            must(file.entry[i].name, "an entry without a name");
    }
    policy_file_free(&file);
    return 0;
}
