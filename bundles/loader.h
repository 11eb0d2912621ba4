/* Internal to bundles/: the table-driven reader behind manifest*.c. A table has a row for each
 * member of an object; an error becomes a finding and reading goes on, so that all are reported. */
#ifndef BUNDLES_LOADER_H
#define BUNDLES_LOADER_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "bundles/bundle.h"
#include "runtime/json/brief.h"
#include "runtime/json/finding.h"
#include "schemas/manifest.h"

struct loader {
    const struct bundle *bundle; /* NULL: its files are unknown */
    struct manifest *m;
    struct findings *f;
    struct meter *meter; /* counts the document's cost; NULL: the document is the host's own */
    const char *page;    /* manual page that lists the members; NULL: runbox-manifest(5) */
    bool filesystem;     /* the manifest has a "filesystem" */
    bool profile_wrong;  /* the profile is invalid: conclude nothing from it */
};

/* JSON types a member may have, as bits. IS_NUMBER also accepts a double: the row's function
 * decides whether it must be whole. */
#define IS_OBJECT  (1u << json_type_object)
#define IS_ARRAY   (1u << json_type_array)
#define IS_STRING  (1u << json_type_string)
#define IS_NUMBER  (1u << json_type_int | 1u << json_type_double)
#define IS_BOOLEAN (1u << json_type_boolean)

/* Reads a member: adds a finding for anything wrong with VALUE at AT, else stores it below BASE. */
#define LOAD(name)                                                                \
    void name(struct loader *l, const struct path *at, struct json_object *value, \
              const struct member *row, void *base)

struct member {
    const char *name;
    unsigned types;
    bool required;
    LOAD((*load));
    size_t offset;                         /* where to store it, from BASE: see LOAD(...) below */
    bool (*check)(const char *text);       /* NULL: any text */
    size_t max;                            /* characters of a text, at most */
    size_t max_count;                      /* elements of a list, at most */
    const char *right;                     /* what is expected, worded to follow "is not" */
    const char *(*near)(const char *text); /* the nearest valid text, or NULL */
};

#define MEMBER(name_, types_, load_, ...) \
    {.name = (name_), .types = (types_), .load = (load_), __VA_ARGS__}
#define MEMBER_COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* Read OBJECT's members according to ROWS. */
void load_members(struct loader *l, const struct path *at, struct json_object *object,
                  const struct member *rows, size_t count, void *base);

/* Whether VALUE is one of TYPES; adds a finding if not. */
bool type_is(struct loader *l, const struct path *at, struct json_object *value, unsigned types);

/* The string VALUE as a C string. NULL, with a finding, if it holds a NUL. */
const char *loader_text(struct loader *l, const struct path *at, struct json_object *value);

/* To the row's offset in BASE: */
LOAD(load_text);   /* a text without NULs, checked; to a char *, not owned */
LOAD(load_names);  /* a list of texts, each checked, without duplicates; to a struct names */
LOAD(load_object); /* a value as it is; to a struct json_object *, not owned */
LOAD(load_size);   /* a size; to a uint64_t */
LOAD(load_limits); /* these have their tables in other files */
LOAD(load_exports);
LOAD(load_rlimits);
LOAD(load_filesystem);

/* To the struct export at the row's offset in BASE: its schemas. */
LOAD(load_arg);
LOAD(load_result);

/* Read limits into TO as load_limits() does; only those that MAY stand here (NULL: all). */
void load_limits_of(struct loader *l, const struct path *at, struct json_object *value,
                    bool (*may)(enum limit id), struct limits *to);

/* Stored nowhere: a text for people, which may hold NULs. */
LOAD(load_prose);

/* The index of VALUE among WORDS, or -1 with a finding. */
int load_word(struct loader *l, const struct path *at, struct json_object *value,
              const char *const *words, size_t count);

/* Take VALUE as a whole number from 0 to INT64_MAX, also if written as 1e3. 0 or -1. */
int whole_number(struct json_object *value, uint64_t *number);

#define wrong(l, at, ...) findings_add((l)->f, at, NULL, false, __VA_ARGS__)

#endif
