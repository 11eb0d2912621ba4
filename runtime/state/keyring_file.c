/* Two stores of one format: the user's keyring.json, and the credentials that systemd passes to a
 * service. A file readable by others is refused, not repaired: its secrets are secret no longer. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/json/json.h"
#include "runtime/state/config.h"
#include "runtime/state/store.h"
#include "runtime/wire/caller.h"
#include "runtime/wire/text.h"

/* Move the entries of NAMESPACES in TEXT, an array, to ENTRIES; wipe the others. */
static int take_entries(const struct str *text, const char *where, const struct names *namespaces,
                        struct json_object *entries, struct fault *why)
{
    struct json_object *all = NULL;
    int r = 0;

    if (keyring_parse(text->data, text->len, where, &all, why) < 0)
        return -1;
    for (size_t i = 0; r == 0 && i < json_object_array_length(all); i++) {
        struct json_object *entry = json_object_array_get_idx(all, i);
        const char *ns = json_object_get_string(json_object_object_get(entry, "namespace"));

        if (!store_wants(namespaces, ns))
            json_wipe(json_object_get(entry));
        else if (json_object_array_add(entries, json_object_get(entry)) < 0)
            r = fault_set(why, STATUS_SETUP, ENOMEM, where, "reading keys");
    }
    if (r < 0)
        json_wipe(all);
    else
        json_object_put(all);
    return r;
}

static struct json_object *no_entries(struct fault *why)
{
    struct json_object *entries = json_object_new_array();

    if (!entries)
        fault_set(why, STATUS_SETUP, ENOMEM, "keyring", "reading keys");
    return entries;
}

static int keyring_file_read_file(const struct config *c, const struct names *namespaces,
                                  struct json_object *entries, struct fault *why)
{
    autosecret struct str text = {.secret = true};
    char where[CONFIG_PATH_MAX];
    int there = config_read(c, KEYRING_FILE, CONFIG_SECRET, &text, why);

    if (there <= 0)
        return there;
    return take_entries(&text, config_name(c, KEYRING_FILE, where), namespaces, entries, why);
}

static int file_load(const struct names *namespaces, struct json_object **out, struct fault *why)
{
    struct json_object *entries = no_entries(why);
    struct config c;
    int r = entries ? config_open(false, &c, why) : -1;

    if (!entries)
        return -1;
    if (r == 0 && c.denied && !namespaces)
        r = fault_set(why, STATUS_SETUP, EACCES, c.path, "opening it");
    if (r > 0)
        r = keyring_file_read_file(&c, namespaces, entries, why);
    config_close(&c);
    if (r < 0) {
        json_wipe(entries);
        return -1;
    }
    *out = entries;
    return 0;
}

static void write_member(struct str *out, struct json_object *entry, const char *name)
{
    struct json_object *value = json_object_object_get(entry, name);

    str_addf(out, "\"%s\": ", name);
    if (value)
        text_quote(out, json_object_get_string(value), (size_t)json_object_get_string_len(value));
    else
        str_adds(out, "null");
}

static int write_entries(const struct config *c, struct json_object *entries, struct fault *why)
{
    autosecret struct str text = {.secret = true};
    size_t count = json_object_array_length(entries);

    str_addc(&text, '[');
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);

        str_adds(&text, i ? ",\n  {" : "\n  {");
        write_member(&text, entry, "namespace");
        str_adds(&text, ", ");
        write_member(&text, entry, "access_key");
        str_adds(&text, ", ");
        write_member(&text, entry, "secret_key");
        str_addc(&text, '}');
    }
    str_adds(&text, count ? "\n]\n" : "]\n");
    if (text.len > CONFIG_FILE_MAX)
        return fault_set(why, STATUS_INVALID, 0, "keyring", "it would be larger than %u bytes",
                         CONFIG_FILE_MAX);
    return config_write(c, KEYRING_FILE, &text, why);
}

/* Wipe the secret of entry AT, then remove the entry. */
static void keyring_file_drop(struct json_object *entries, long at)
{
    json_wipe(json_object_get(json_object_array_get_idx(entries, (size_t)at)));
    json_object_array_del_idx(entries, (size_t)at, 1);
}

struct change {
    const struct key *key;
    const struct str *secret;
    bool add, replace;
};

static int change_entries(const struct change *by, struct json_object *entries, struct fault *why)
{
    long at = store_index(entries, by->key);

    if (by->add && at >= 0 && !by->replace)
        return store_exists(by->key, why);
    if (!by->add && at < 0)
        return store_missing(by->key, why);
    if (at >= 0)
        keyring_file_drop(entries, at);
    if (!by->add)
        return 0;
    return store_entry(entries, by->key, by->secret ? by->secret->data : NULL,
                       by->secret ? by->secret->len : 0, why);
}

/* Read, change, write, all under the lock. */
static int file_change(const struct change *by, struct fault *why)
{
    struct json_object *entries = no_entries(why);
    struct config c;
    int r = -1;

    if (!entries)
        return -1;

    bool open = config_open(true, &c, why) > 0;
    autoclose int lock = open ? config_lock(&c, KEYRING_FILE, why) : -1;

    if (lock >= 0 && keyring_file_read_file(&c, NULL, entries, why) >= 0 &&
        change_entries(by, entries, why) == 0)
        r = write_entries(&c, entries, why);
    json_wipe(entries);
    config_close(&c);
    return r;
}

static int file_add(const struct key *k, const struct str *secret, bool replace, struct fault *why)
{
    return file_change(&(struct change){k, secret, true, replace}, why);
}

static int file_remove(const struct key *k, struct fault *why)
{
    return file_change(&(struct change){.key = k}, why);
}

const struct store_ops store_file = {"file", file_load, file_add, file_remove};

/* A service's credentials: systemd restricts who may read them, and mounts them read-only. */
static bool is_credential(const char *name)
{
    size_t n = strlen(KEYRING_CREDENTIALS);

    return strncmp(name, KEYRING_CREDENTIALS, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

static DIR *credentials_open(void)
{
    const char *path = getenv("CREDENTIALS_DIRECTORY");

    return path && *path == '/' ? opendir(path) : NULL;
}

enum store store_default(void)
{
    DIR *dir = credentials_open();
    enum store found = STORE_FILE;

    for (struct dirent *e; dir && (e = readdir(dir));)
        if (is_credential(e->d_name))
            found = STORE_CREDENTIALS;
    if (dir)
        closedir(dir);
    return found;
}

static int read_credentials(DIR *dir, const struct names *namespaces, struct json_object *entries,
                            struct fault *why)
{
    struct dirent *e;

    while ((e = readdir(dir))) {
        autosecret struct str text = {.secret = true};

        if (!is_credential(e->d_name))
            continue;
        if (config_read_at(dirfd(dir), e->d_name, e->d_name, (uid_t)-1, CONFIG_GIVEN, &text, why) <
                0 ||
            take_entries(&text, e->d_name, namespaces, entries, why) < 0)
            return -1;
    }
    return 0;
}

static int credentials_load(const struct names *namespaces, struct json_object **out,
                            struct fault *why)
{
    struct json_object *entries = no_entries(why);
    DIR *dir = credentials_open();
    int r = entries ? 0 : -1;

    if (!dir)
        r = fault_set(why, STATUS_SETUP, 0, "keyring",
                      "CREDENTIALS_DIRECTORY is not set to a directory: see LoadCredential= in "
                      "systemd.exec(5)");
    else if (r == 0)
        r = read_credentials(dir, namespaces, entries, why);
    if (dir)
        closedir(dir);
    if (r < 0)
        json_wipe(entries);
    else
        *out = entries;
    return r;
}

const struct store_ops store_credentials = {"credentials", credentials_load, NULL, NULL};
