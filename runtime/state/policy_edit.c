/* Grants in the user's own policy file, written by `runbox keyring grant`. All else in the file is
 * preserved; an invalid file is not touched. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/json/write.h"
#include "runtime/state/config.h"
#include "runtime/state/policy.h"
#include "runtime/state/policy_file.h"

struct edit {
    const struct bundle *bundle; /* to be revoked: its entries, whatever their name; or NULL */
    const char *name, *digest, *path, *grant;
    bool add;
};

static const char *text_of(struct json_object *entry, const char *name)
{
    return json_object_get_string(json_object_object_get(entry, name));
}

static long grant_index(struct json_object *grants, const char *grant)
{
    for (size_t i = 0; i < json_object_array_length(grants); i++)
        if (strcmp(json_object_get_string(json_object_array_get_idx(grants, i)), grant) == 0)
            return (long)i;
    return -1;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The entry of this name and exactly this digest and path, or NULL. */
static struct json_object *find_entry(struct json_object *bundles, const struct edit *e)
{
    for (size_t i = 0; i < json_object_array_length(bundles); i++) {
        struct json_object *entry = json_object_array_get_idx(bundles, i);

        if (is_same(text_of(entry, "name"), e->name) &&
            is_same(text_of(entry, "digest"), e->digest) &&
            is_same(text_of(entry, "path"), e->path))
            return entry;
    }
    return NULL;
}

/* Whether VALUE, newly made, was added to OBJECT. */
static bool policy_edit_put(struct json_object *object, const char *name, struct json_object *value)
{
    if (value && json_object_object_add(object, name, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

static struct json_object *new_entry(struct json_object *bundles, const struct edit *e)
{
    struct json_object *entry = json_object_new_object();

    if (entry && policy_edit_put(entry, "name", json_object_new_string(e->name)) &&
        (!e->digest || policy_edit_put(entry, "digest", json_object_new_string(e->digest))) &&
        (!e->path || policy_edit_put(entry, "path", json_object_new_string(e->path))) &&
        policy_edit_put(entry, "grants", json_object_new_array()) &&
        json_object_array_add(bundles, entry) == 0)
        return entry;
    json_object_put(entry);
    return NULL;
}

/* 1; 0 where the grant is there already; -1: out of memory. */
static int policy_edit_add(struct json_object *bundles, const struct edit *e)
{
    struct json_object *entry = find_entry(bundles, e), *grants, *text;

    if (!entry)
        entry = new_entry(bundles, e);
    grants = json_object_object_get(entry, "grants");
    if (!grants || grant_index(grants, e->grant) >= 0)
        return grants ? 0 : -1;
    text = json_object_new_string(e->grant);
    return text && json_object_array_add(grants, text) == 0 ? 1 : -1;
}

/* Whether GRANT is to be taken from ENTRY. */
static bool is_meant(struct json_object *entry, const struct edit *e)
{
    const char *path = text_of(entry, "path");

    return is_same(text_of(entry, "name"), e->name) ||
           (e->bundle && is_same(text_of(entry, "digest"), e->bundle->digest)) ||
           (e->bundle && path && policy_is_directory(path, e->bundle));
}

static int take_away(struct json_object *bundles, const struct edit *e)
{
    int had = 0;

    for (size_t i = json_object_array_length(bundles); i-- > 0;) {
        struct json_object *entry = json_object_array_get_idx(bundles, i);
        struct json_object *grants = json_object_object_get(entry, "grants");
        long at = grant_index(grants, e->grant);

        if (at < 0 || !is_meant(entry, e))
            continue;
        had++;
        json_object_array_del_idx(grants, (size_t)at, 1);
        if (json_object_array_length(grants) == 0)
            json_object_array_del_idx(bundles, i, 1);
    }
    return had;
}

static int change(struct json_object *root, const struct edit *e)
{
    struct json_object *bundles = json_object_object_get(root, "bundles");

    if (!bundles && !e->add)
        return 0;
    if (!bundles && !policy_edit_put(root, "bundles", json_object_new_array()))
        return -1;
    bundles = json_object_object_get(root, "bundles");
    return e->add ? policy_edit_add(bundles, e) : take_away(bundles, e);
}

static int write_root(const struct config *c, struct json_object *root, struct fault *why)
{
    autostr struct str text = {0};
    char where[CONFIG_PATH_MAX];
    struct policy_file again;
    int r;

    json_write(&text, root, true);
    str_addc(&text, '\n');
    if (text.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, POLICY_FILE, "writing it");
    /* One that could not be read again would end every run. */
    r = policy_file_read(&text, config_name(c, POLICY_FILE, where), &again, why);
    policy_file_free(&again);
    return r < 0 ? -1 : config_write(c, POLICY_FILE, &text, why);
}

static int edit_text(const struct config *c, const struct str *text, const struct edit *e,
                     struct fault *why)
{
    char where[CONFIG_PATH_MAX];
    struct policy_file file;
    int r = policy_file_read(text, config_name(c, POLICY_FILE, where), &file, why);

    if (r == 0) {
        r = change(file.root, e);
        if (r < 0)
            fault_set(why, STATUS_SETUP, ENOMEM, where, "changing it");
        else if (r > 0 && write_root(c, file.root, why) < 0)
            r = -1;
    }
    policy_file_free(&file);
    return r;
}

static int edit(const struct edit *e, struct fault *why)
{
    autostr struct str text = {0};
    struct config c;
    bool open = config_open(true, &c, why) > 0;
    autoclose int lock = open ? config_lock(&c, POLICY_FILE, why) : -1;
    int r = -1;

    if (lock >= 0)
        r = config_read(&c, POLICY_FILE, CONFIG_TRUSTED, &text, why);
    if (r == 0)
        str_adds(&text, "{}");
    if (r >= 0)
        r = edit_text(&c, &text, e, why);
    config_close(&c);
    return r;
}

int policy_grant(const char *name, const char *digest, const char *path, const char *grant,
                 struct fault *why)
{
    const struct edit e = {
        .name = name, .digest = digest, .path = path, .grant = grant, .add = true};

    return edit(&e, why) < 0 ? -1 : 0;
}

int policy_revoke(const char *name, const struct bundle *b, const char *grant, struct fault *why)
{
    return edit(&(struct edit){.bundle = b, .name = name, .grant = grant}, why);
}

int policy_no_grant(const char *grant, const char *name, struct fault *why)
{
    return fault_set(why, STATUS_INVALID, 0, "keyring",
                     "%s is not granted to %s in your policy.json", grant, name);
}

int policy_change(const struct policy_change *c, const char *name, const struct bundle *b,
                  struct fault *why)
{
    int had;

    if (!c->revoke && c->path && !policy_is_directory(c->path, b))
        return fault_set(why, STATUS_INVALID, 0, c->path,
                         "it was replaced while being read: try again");
    if (!c->revoke)
        return policy_grant(name, c->path ? NULL : b->digest, c->path, c->grant, why);
    had = policy_revoke(name, b, c->grant, why);
    if (had == 0)
        return policy_no_grant(c->grant, name, why);
    return had < 0 ? -1 : 0;
}
