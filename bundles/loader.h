/* Inside bundles/: the machinery of manifest*.c. A table has a row for each member of an object; what
 * is wrong becomes a finding and reading goes on, so that all errors of a manifest come at once. */
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
    const struct bundle *bundle; /* NULL: nothing is known about its files */
    struct manifest *m;
    struct findings *f;
    struct meter *meter; /* of the document's cost; NULL: it is the host's own */
    const char *page;    /* the manual page that knows the members; NULL: runbox-manifest(5) */
    bool filesystem;     /* the manifest has one */
    bool profile_wrong;  /* so that nothing is concluded from the profile */
};

/* JSON types a member may have, as bits. A double is let in where a number is: whether it must be
 * whole is for the row's function to say. */
#define IS_OBJECT  (1u << json_type_object)
#define IS_ARRAY   (1u << json_type_array)
#define IS_STRING  (1u << json_type_string)
#define IS_NUMBER  (1u << json_type_int | 1u << json_type_double)
#define IS_BOOLEAN (1u << json_type_boolean)

/* What reads a member: finds what is wrong with VALUE at AT, and puts the rest into BASE. */
#define LOAD(name)                                                                \
    void name(struct loader *l, const struct path *at, struct json_object *value, \
              const struct member *row, void *base)

struct member {
    const char *name;
    unsigned types;
    bool required;
    LOAD((*load));
    size_t offset;                         /* where it goes, from BASE: see the loading functions */
    bool (*check)(const char *text);       /* NULL: any text */
    size_t max;                            /* characters of a text */
    size_t max_count;                      /* elements of a list */
    const char *right;                     /* what would be right, after "is not" */
    const char *(*near)(const char *text); /* the nearest right one, or NULL */
};

#define MEMBER(name_, types_, load_, ...) \
    {.name = (name_), .types = (types_), .load = (load_), __VA_ARGS__}
#define MEMBER_COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* Read OBJECT's members by ROWS. */
void load_members(struct loader *l, const struct path *at, struct json_object *object,
                  const struct member *rows, size_t count, void *base);

/* VALUE is of TYPES: else a finding. */
bool type_is(struct loader *l, const struct path *at, struct json_object *value, unsigned types);

/* To the row's offset in BASE: */
LOAD(load_text);   /* a text, checked; to a char *, which does not own it */
LOAD(load_names);  /* a list of texts, each checked, none twice; to a struct names */
LOAD(load_object); /* an object as it is; to a struct json_object * */
LOAD(load_size);   /* to a uint64_t */
LOAD(load_limits); /* tables in other files */
LOAD(load_rlimits);
LOAD(load_filesystem);

/* The index of VALUE among WORDS, or -1 with a finding. */
int load_word(struct loader *l, const struct path *at, struct json_object *value,
              const char *const *words, size_t count);

/* VALUE is a whole number from 0 to INT64_MAX, though it may be written 1e3: 0 or -1. */
int whole_number(struct json_object *value, uint64_t *number);

#define wrong(l, at, ...) findings_add((l)->f, at, NULL, false, __VA_ARGS__)

#endif
