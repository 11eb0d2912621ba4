/* Keys: their names, and the operations common to all stores. Secrets are in memory only during an
 * operation, in buffers that are overwritten afterwards. */
#include "runtime/state/keyring.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/json/utf8.h"
#include "runtime/state/store.h"
#include "schemas/setup.h"

static const struct store_ops *const stores[STORE__COUNT] = {
    [STORE_FILE] = &store_file,
    [STORE_KERNEL] = &store_kernel,
    [STORE_CREDENTIALS] = &store_credentials,
};

int store_find(const char *text)
{
    for (int i = 0; i < STORE__COUNT; i++)
        if (strcmp(stores[i]->text, text) == 0)
            return i;
    return -1;
}

bool key_namespace(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

    return *text && strlen(text) <= 128 && text[strspn(text, plain)] == '\0';
}

int key_parse(const char *text, struct key *k, struct fault *why)
{
    const char *colon = strchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0, m = colon ? strlen(colon + 1) : 0;

    if (!colon || n > KEYRING_NAME_MAX || m > KEYRING_NAME_MAX || m == 0 ||
        !utf8_printable(colon + 1, m))
        return fault_set(why, STATUS_USAGE, 0, "keyring",
                         "a key is named NAMESPACE:ACCESS_KEY, each part at most %d bytes",
                         KEYRING_NAME_MAX);
    memcpy(k->ns, text, n);
    k->ns[n] = '\0';
    memcpy(k->access, colon + 1, m + 1);
    if (key_namespace(k->ns))
        return 0;
    return fault_set(why, STATUS_USAGE, 0, "keyring",
                     "a namespace is 1 to 128 of the characters A-Z a-z 0-9 _ . -");
}

bool store_wants(const struct names *namespaces, const char *ns)
{
    for (size_t i = 0; namespaces && i < namespaces->count; i++)
        if (strcmp(namespaces->item[i], ns) == 0)
            return true;
    return !namespaces;
}

/* Whether VALUE was added to ENTRY; if not, it is wiped. */
static bool keyring_put(struct json_object *entry, const char *name, struct json_object *value)
{
    if (value && json_object_object_add(entry, name, value) == 0)
        return true;
    json_wipe(value);
    return false;
}

int store_entry(struct json_object *entries, const struct key *k, const char *secret, size_t n,
                struct fault *why)
{
    struct json_object *entry = json_object_new_object();

    if (entry && keyring_put(entry, "namespace", json_object_new_string(k->ns)) &&
        keyring_put(entry, "access_key", json_object_new_string(k->access)) &&
        (!secret || keyring_put(entry, "secret_key", json_object_new_string_len(secret, (int)n))) &&
        json_object_array_add(entries, entry) == 0)
        return 0;
    json_wipe(entry);
    return fault_set(why, STATUS_SETUP, ENOMEM, "keyring", "adding a key");
}

static const char *keyring_member(struct json_object *entry, const char *name)
{
    return json_object_get_string(json_object_object_get(entry, name));
}

long store_index(struct json_object *entries, const struct key *k)
{
    size_t count = json_object_array_length(entries);

    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);

        if (strcmp(keyring_member(entry, "namespace"), k->ns) == 0 &&
            strcmp(keyring_member(entry, "access_key"), k->access) == 0)
            return (long)i;
    }
    return -1;
}

int store_exists(const struct key *k, struct fault *why)
{
    return fault_set(why, STATUS_INVALID, 0, "keyring",
                     "%s:%s already exists: --replace gives it a new secret", k->ns, k->access);
}

int store_missing(const struct key *k, struct fault *why)
{
    return fault_set(why, STATUS_INVALID, 0, "keyring", "there is no key %s:%s", k->ns, k->access);
}

int keyring_load(enum store s, const struct names *namespaces, struct json_object **entries,
                 struct fault *why)
{
    return stores[s]->load(namespaces, entries, why);
}

static int read_only(enum store s, struct fault *why)
{
    return fault_set(why, STATUS_USAGE, 0, "keyring", "the store \"%s\" is read-only",
                     stores[s]->text);
}

int keyring_add(enum store s, const struct key *k, const struct str *secret, bool replace,
                struct fault *why)
{
    return stores[s]->add ? stores[s]->add(k, secret, replace, why) : read_only(s, why);
}

int keyring_delete(enum store s, const struct key *k, struct fault *why)
{
    return stores[s]->remove ? stores[s]->remove(k, why) : read_only(s, why);
}

int keyring_list(enum store s, struct str *list, struct fault *why)
{
    struct json_object *entries = NULL;

    if (keyring_load(s, NULL, &entries, why) < 0)
        return -1;
    for (size_t i = 0; i < json_object_array_length(entries); i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i);

        str_addf(list, "%s:%s\n", keyring_member(entry, "namespace"),
                 keyring_member(entry, "access_key"));
    }
    json_wipe(entries);
    return list->failed ? fault_set(why, STATUS_SETUP, ENOMEM, "keyring", "listing the keys") : 0;
}

int keyring_get(enum store s, const struct key *k, struct str *secret, struct fault *why)
{
    char *ns = (char[sizeof k->ns]){0};
    const struct names only = {1, &ns};
    struct json_object *entries = NULL, *value = NULL;
    long at;

    memcpy(ns, k->ns, sizeof k->ns);
    /* Read the whole user's file, and report where that fails: a run, which names namespaces, takes
     * what it can read. */
    if (keyring_load(s, s == STORE_FILE ? NULL : &only, &entries, why) < 0)
        return -1;
    at = store_index(entries, k);
    if (at >= 0)
        value =
            json_object_object_get(json_object_array_get_idx(entries, (size_t)at), "secret_key");
    if (value)
        str_add(secret, json_object_get_string(value), (size_t)json_object_get_string_len(value));
    json_wipe(entries);
    if (at < 0)
        return store_missing(k, why);
    if (!value)
        return fault_set(why, STATUS_INVALID, 0, "keyring", "%s:%s has no secret", k->ns,
                         k->access);
    return secret->failed ? fault_set(why, STATUS_SETUP, ENOMEM, "keyring", "reading a key") : 0;
}

static void keyring_add_text(struct str *out, const char *text, size_t n)
{
    uint32_t len = (uint32_t)n;

    str_add(out, &len, sizeof len);
    str_add(out, text, n);
}

int keyring_records(const struct json_object *entries, struct str *out, struct fault *why)
{
    size_t count = entries ? json_object_array_length(entries) : 0, begin = out->len;
    struct setup_keys head = {.key_count = (uint32_t)count};
    const uint32_t none = SETUP_NO_SECRET;

    str_add(out, &head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(entries, i), *secret = NULL;
        const char *ns = keyring_member(entry, "namespace"),
                   *access = keyring_member(entry, "access_key");

        keyring_add_text(out, ns, strlen(ns));
        keyring_add_text(out, access, strlen(access));
        if (json_object_object_get_ex(entry, "secret_key", &secret) && secret)
            keyring_add_text(out, json_object_get_string(secret),
                             (size_t)json_object_get_string_len(secret));
        else
            str_add(out, &none, sizeof none);
    }
    head.bytes = (uint32_t)(out->len - begin - sizeof head);
    if (out->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "keyring", "reading it");
    memcpy(out->data + begin, &head, sizeof head);
    return 0;
}
