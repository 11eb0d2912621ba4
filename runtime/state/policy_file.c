/* policy.json -> struct policy_file: by tables, as a manifest is read, and with the same messages.
 * Accepts what schemas/policy.schema.json accepts, if the grants are meaningful. */
#include "runtime/state/policy_file.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/loader.h"
#include "bundles/shape.h"
#include "runtime/json/json.h"
#include "runtime/plan/plan.h"

#define GRANTS_MAX  1000
#define ENTRIES_MAX 10000

static bool shape_bundle(const char *text)
{
    return strcmp(text, "*") == 0 || shape_name(text);
}

static bool shape_digest(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static LOAD(load_grants)
{
    struct names *grants = (struct names *)(void *)((char *)base + row->offset);

    load_names(l, at, value, row, base);
    for (size_t i = 0; i < grants->count; i++) {
        const struct path here = {.up = at, .index = i};
        struct fault why;

        if (grant_check(grants->item[i], &why) < 0)
            wrong(l, &here, "%s", why.what);
    }
}

static const struct member entry_rows[] = {
    MEMBER("name", IS_STRING, load_text, .offset = offsetof(struct policy_entry, name),
           .check = shape_bundle, .max = 128, .required = true,
           .right = "a bundle's name (owner/name) or \"*\""),
    MEMBER("digest", IS_STRING, load_text, .offset = offsetof(struct policy_entry, digest),
           .check = shape_digest, .max = 64,
           .right = "a SHA-256 of 64 hexadecimal digits, as runbox explain prints it"),
    MEMBER("path", IS_STRING, load_text, .offset = offsetof(struct policy_entry, path),
           .check = shape_absolute, .max = 4096,
           .right = "the absolute path of a bundle's directory, without \".\" or \"..\""),
    MEMBER("grants", IS_ARRAY, load_grants, .offset = offsetof(struct policy_entry, grants),
           .max = 4096, .max_count = GRANTS_MAX, .required = true),
};

static LOAD(load_entries)
{
    struct policy_file *file = base;
    size_t count = json_object_array_length(value);

    (void)row;
    if (count > ENTRIES_MAX) {
        wrong(l, at, "%zu entries are too many: at most %d", count, ENTRIES_MAX);
        return;
    }
    file->entry = count ? calloc(count, sizeof *file->entry) : NULL;
    l->f->no_memory |= count && !file->entry;
    for (size_t i = 0; i < count && file->entry; i++) {
        const struct path here = {.up = at, .index = i};
        struct json_object *entry = json_object_array_get_idx(value, i);

        if (type_is(l, &here, entry, IS_OBJECT))
            load_members(l, &here, entry, entry_rows, MEMBER_COUNT(entry_rows),
                         &file->entry[file->count++]);
    }
}

static LOAD(load_steps)
{
    struct policy_file *file = base;
    char shown[BRIEF];

    (void)row;
    if (whole_number(value, &file->steps) < 0)
        wrong(l, at, "%s is not a whole number", brief_value(value, shown));
}

static const struct member budget_rows[] = {
    MEMBER("steps", IS_NUMBER, load_steps),
    MEMBER("memory", IS_STRING | IS_NUMBER, load_size,
           .offset = offsetof(struct policy_file, bytes)),
};

static LOAD(load_budget)
{
    (void)row;
    load_members(l, at, value, budget_rows, MEMBER_COUNT(budget_rows), base);
}

static const struct member file_rows[] = {
    MEMBER("budget", IS_OBJECT, load_budget),
    MEMBER("ceilings", IS_OBJECT, load_limits, .offset = 0), /* to the loader's manifest */
    MEMBER("cgroup_parent", IS_STRING, load_text,
           .offset = offsetof(struct policy_file, cgroup_parent), .check = shape_absolute,
           .max = 1000, .right = "a group's absolute path, as in /proc/self/cgroup"),
    MEMBER("bundles", IS_ARRAY, load_entries, .offset = 0),
};

static int policy_file_parse(const struct str *text, const char *where, struct policy_file *file,
                             struct findings *f, struct fault *why)
{
    struct json_error e = {0};
    int built;

    if (json_check(text->data, text->len, &e.what, &e.offset) < 0) {
        findings_unread(f, text->data, text->len, &e);
        return findings_fault(f, where, why);
    }
    file->root = json_build(text->data, text->len, &built);
    return built ? 0 : fault_set(why, STATUS_SETUP, 0, where, "not enough memory to read it");
}

int policy_file_read(const struct str *text, const char *where, struct policy_file *file,
                     struct fault *why)
{
    struct findings found = {0};
    struct manifest limits = {0}; /* only for its limits: load_limits() stores them there */
    struct loader l = {.m = &limits, .f = &found, .page = "runbox-policy(5)"};
    int r;

    *file = (struct policy_file){0};
    limits_clear(&limits.asked);
    r = policy_file_parse(text, where, file, &found, why);
    if (r == 0 && type_is(&l, NULL, file->root, IS_OBJECT))
        load_members(&l, NULL, file->root, file_rows, MEMBER_COUNT(file_rows), file);
    file->ceilings = limits.asked;
    if (r == 0 && findings_any(&found)) {
        findings_locate(&found, text->data, text->len);
        r = findings_fault(&found, where, why);
    }
    findings_free(&found);
    return r;
}

void policy_file_free(struct policy_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        free(file->entry[i].grants.item);
    free(file->entry);
    json_object_put(file->root);
    *file = (struct policy_file){0};
}
