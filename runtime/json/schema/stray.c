/* Members of schemas that are ignored, as the specification requires, and hardly meant to be. The schema
 * is a bundle's, untrusted: what is told is bounded. Never validates. */
#include <stdlib.h>
#include <string.h>

#include "runtime/json/brief.h"
#include "runtime/json/schema/check.h"

static const struct {
    enum dialect dialect;
    const char *name;
} drafts[] = {{DRAFT_2020_12, "draft 2020-12"},
              {DRAFT_2019_09, "draft 2019-09"},
              {DRAFT_07, "draft-07"},
              {DRAFT_06, "draft-06"},
              {DRAFT_04, "draft-04"}};

#define DRAFTS (sizeof drafts / sizeof *drafts)

static const char *draft_of(enum dialect dialect)
{
    size_t i = 0;

    while (i < DRAFTS - 1 && drafts[i].dialect != dialect)
        i++;
    return drafts[i].name;
}

/* The newest draft in which NAME constrains instances, or NULL. */
static const char *other_draft(const char *name)
{
    for (size_t i = 0; i < DRAFTS; i++) {
        const struct keyword *keyword = keyword_find(name, drafts[i].dialect);

        if (keyword && keyword->check != check_nothing)
            return drafts[i].name;
    }
    return NULL;
}

/* An object without a meaning is most likely a property; extensions begin with "x-". */
static void stray_object(struct findings *f, const struct path *at, enum dialect dialect)
{
    const char *near;
    char shown[BRIEF];

    if (strncmp(at->name, "x-", 2) == 0 || *at->name == '$' || findings_full(f))
        return;
    near = keyword_near(at->name, dialect);
    findings_add(f, at, NULL, true, "%s is no keyword of JSON Schema: did you mean %s%s%s",
                 brief_text(at->name, shown), near ? "\"" : "to put it in \"properties\"?",
                 near ? near : "", near ? "\"?" : "");
}

static void stray_members(struct findings *f, const struct node *node, bool top)
{
    enum dialect dialect = node->resource->dialect;

    json_object_object_foreach(node->json, name, value)
    {
        const struct path at = {.up = node->at, .name = name};
        const char *draft;

        if (keyword_find(name, dialect))
            continue;
        draft = other_draft(name);
        if (draft)
            findings_add(f, &at, NULL, true,
                         "\"%s\" is ignored: it is a keyword of %s, and this schema is of %s", name,
                         draft, draft_of(dialect));
        else if (top && json_object_is_type(value, json_type_object))
            stray_object(f, &at, dialect);
    }
}

/* Up to draft-07, all that stands beside a $ref. */
static void stray_siblings(struct findings *f, const struct node *node)
{
    for (size_t i = node->count; i < node->total; i++)
        if (node->rules[i].keyword->check != check_nothing)
            findings_add(f, &node->rules[i].at, NULL, true,
                         "\"%s\" is ignored: it stands beside \"$ref\", and this schema is of %s",
                         node->rules[i].keyword->name, draft_of(node->resource->dialect));
}

/* Pointers begin in the schema: put ORIGIN before those from FROM on. */
static void add_origin(struct findings *f, size_t from, const char *origin)
{
    for (size_t i = from; i < f->count; i++) {
        struct str pointer = {0};

        str_addf(&pointer, "%s%s", origin, f->item[i].pointer);
        f->no_memory |= pointer.failed;
        if (pointer.failed)
            continue;
        free(f->item[i].pointer);
        f->item[i].pointer = pointer.data;
    }
}

void schema_strays(const struct schema *s, struct findings *f)
{
    size_t from = f->count;

    for (const struct node *node = s->nodes; node; node = node->next) {
        if (node->resource->foreign || !json_object_is_type(node->json, json_type_object))
            continue;
        stray_members(f, node, node == s->root);
        stray_siblings(f, node);
    }
    add_origin(f, from, s->origin);
}
