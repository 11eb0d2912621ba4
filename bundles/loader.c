/* Reads an object by a table of its members. The document is untrusted: a value that does not fit
 * becomes a finding that says what would, and is not used. */
#include "bundles/loader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/decimal.h"
#include "runtime/json/utf8.h"

static const struct {
    unsigned type;
    const char *text;
} type_names[] = {
    {IS_OBJECT, "an object"}, {IS_ARRAY, "a list"},          {IS_STRING, "a string"},
    {IS_NUMBER, "a number"},  {IS_BOOLEAN, "true or false"},
};

/* "an object or true or false" */
static void types_print(unsigned types, struct str *out)
{
    for (size_t i = 0; i < MEMBER_COUNT(type_names); i++) {
        if (!(types & type_names[i].type))
            continue;
        if (out->len)
            str_adds(out, " or ");
        str_adds(out, type_names[i].text);
    }
}

bool type_is(struct loader *l, const struct path *at, struct json_object *value, unsigned types)
{
    autostr struct str right = {0};
    char shown[BRIEF];

    if (1u << json_object_get_type(value) & types)
        return true;
    if (findings_full(l->f))
        return false;
    types_print(types, &right);
    wrong(l, at, "must be %s, not %s", right.data ? right.data : "of another type",
          brief_value(value, shown));
    return false;
}

static void unknown_member(struct loader *l, const struct path *at, const struct member *rows,
                           size_t count)
{
    struct suggestion near = suggest(at->name);
    char shown[BRIEF];

    if (findings_full(l->f))
        return;
    for (size_t i = 0; i < count; i++)
        suggest_try(&near, rows[i].name);
    if (near.best)
        findings_add(l->f, at, NULL, true, "unknown member %s: did you mean \"%s\"?",
                     brief_text(at->name, shown), near.best);
    else
        findings_add(l->f, at, NULL, true, "unknown member %s: see %s", brief_text(at->name, shown),
                     l->page ? l->page : "runbox-manifest(5)");
}

void load_members(struct loader *l, const struct path *at, struct json_object *object,
                  const struct member *rows, size_t count, void *base)
{
    uint32_t seen = 0; /* a bit for each row */

    json_object_object_foreach(object, name, value)
    {
        const struct path here = {.up = at, .name = name};
        size_t i = 0;

        while (i < count && strcmp(rows[i].name, name) != 0)
            i++;
        if (i == count) {
            unknown_member(l, &here, rows, count);
            continue;
        }
        seen |= 1u << i;
        if (type_is(l, &here, value, rows[i].types) && rows[i].load)
            rows[i].load(l, &here, value, &rows[i], base);
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].required && !(seen & 1u << i))
            wrong(l, at, "missing member \"%s\"", rows[i].name);
}

/* Whether TEXT fits the row; adds a finding if not. */
static bool text_fits(struct loader *l, const struct path *at, const char *text, size_t n,
                      const struct member *row)
{
    size_t length = utf8_count(text, n);
    const char *near = NULL;
    char shown[BRIEF];

    if (length > row->max) {
        wrong(l, at, "too many characters: %zu, at most %zu allowed", length, row->max);
        return false;
    }
    if (!row->check || row->check(text))
        return true;
    if (row->near)
        near = row->near(text);
    wrong(l, at, "%s is not %s%s%s%s", brief_text(text, shown), row->right,
          near ? ": did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return false;
}

const char *loader_text(struct loader *l, const struct path *at, struct json_object *value)
{
    const char *text = json_c_string(value);
    char shown[BRIEF];

    if (!text)
        wrong(l, at, "%s must not hold \\u0000", brief_value(value, shown));
    return text;
}

void load_text(struct loader *l, const struct path *at, struct json_object *value,
               const struct member *row, void *base)
{
    const char *text = loader_text(l, at, value);

    if (text && text_fits(l, at, text, strlen(text), row))
        *(char **)(void *)((char *)base + row->offset) = (char *)text;
}

void load_prose(struct loader *l, const struct path *at, struct json_object *value,
                const struct member *row, void *base)
{
    (void)base;
    text_fits(l, at, json_object_get_string(value), (size_t)json_object_get_string_len(value), row);
}

/* At most a few hundred elements (max_count): comparing each with all others is fast enough. */
static bool is_new(struct loader *l, const struct path *at, const struct names *names,
                   const char *text)
{
    char shown[BRIEF];

    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->item[i], text) == 0) {
            wrong(l, at, "%s is listed twice", brief_text(text, shown));
            return false;
        }
    }
    return true;
}

void load_names(struct loader *l, const struct path *at, struct json_object *value,
                const struct member *row, void *base)
{
    struct names *names = (struct names *)(void *)((char *)base + row->offset);
    size_t count = json_object_array_length(value);

    if (count > row->max_count) {
        wrong(l, at, "too many elements: %zu, at most %zu allowed", count, row->max_count);
        return;
    }
    *names = (struct names){.item = count ? calloc(count, sizeof *names->item) : NULL};
    if (count && !names->item) {
        l->f->no_memory = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct path here = {.up = at, .index = i};
        struct json_object *element = json_object_array_get_idx(value, i);
        const char *text;

        if (!type_is(l, &here, element, IS_STRING))
            continue;
        text = loader_text(l, &here, element);
        if (text && text_fits(l, &here, text, strlen(text), row) && is_new(l, &here, names, text))
            names->item[names->count++] = (char *)text;
    }
}

void load_object(struct loader *l, const struct path *at, struct json_object *value,
                 const struct member *row, void *base)
{
    (void)l;
    (void)at;
    memcpy((char *)base + row->offset, &value, sizeof value);
}

int load_word(struct loader *l, const struct path *at, struct json_object *value,
              const char *const *words, size_t count)
{
    const char *text = loader_text(l, at, value);
    struct suggestion near = suggest(text ? text : "");
    autostr struct str right = {0};
    char shown[BRIEF];

    if (!text)
        return -1;

    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return (int)i;
    for (size_t i = 0; i < count; i++) {
        str_addf(&right, "%s\"%s\"", i == 0 ? "" : i + 1 < count ? ", " : " or ", words[i]);
        suggest_try(&near, words[i]);
    }
    wrong(l, at, "%s is not %s%s%s%s", brief_text(text, shown),
          right.data ? right.data : "a choice", near.best ? ": did you mean \"" : "",
          near.best ? near.best : "", near.best ? "\"?" : "");
    return -1;
}

int whole_number(struct json_object *value, uint64_t *number)
{
    if (json_object_is_type(value, json_type_int)) {
        int64_t n = json_object_get_int64(value);

        *number = (uint64_t)n;
        return n < 0 || json_object_get_uint64(value) > INT64_MAX ? -1 : 0;
    }
    double d = json_object_get_double(value);

    if (!(d >= 0 && d < 0x1p63) || !json_is_whole(value))
        return -1;
    *number = (uint64_t)d;
    return 0;
}
