/* Keys in the kernel: of type "user", in the keyring shared by all of a user's sessions. They are
 * never on disk, and vanish with the user's last process or at reboot. Any process of the user may
 * read them; a box has a session keyring of its own, and no system call that reaches this one.
 * Source: keyrings(7), user-keyring(7), keyctl(2). */
#include <errno.h>
#include <json-c/json.h>
#include <keyutils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"
#include "runtime/json/json.h"
#include "runtime/state/store.h"

#define PREFIX "runbox:"

static int fault_kernel(const char *what, struct fault *why)
{
    return fault_set(why, STATUS_SETUP, errno, "kernel keyring", "%s", what);
}

static void keyring_kernel_describe(const struct key *k, char *out, size_t size)
{
    snprintf(out, size, PREFIX "%s:%s", k->ns, k->access);
}

/* "TYPE;UID;GID;PERM;DESCRIPTION"; the description may itself contain semicolons. */
bool store_described(const char *text, struct key *k)
{
    struct field rest = field_of(text), type, ignored;
    struct fault why;

    if (!field_until(&rest, ';', &type) || !field_is(type, "user"))
        return false;
    for (int i = 0; i < 3; i++)
        if (!field_until(&rest, ';', &ignored))
            return false;
    return rest.n > strlen(PREFIX) && memcmp(rest.at, PREFIX, strlen(PREFIX)) == 0 &&
           key_parse(rest.at + strlen(PREFIX), k, &why) == 0;
}

/* Whether SERIAL is one of runbox's keys: 1 and *K; 0 also where it is gone or revoked by now. */
static int identify(key_serial_t serial, struct key *k)
{
    autofree char *text = NULL;

    return keyctl_describe_alloc(serial, &text) >= 0 && store_described(text, k);
}

static int take_secret(key_serial_t serial, const struct key *k, struct json_object *entries,
                       struct fault *why)
{
    autosecret struct str secret = {.secret = true};
    long n;

    /* Room for the largest such key: asking for the length first would race with an update. */
    if (str_reserve(&secret, KEYRING_SECRET_MAX) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "kernel keyring", "reading a key");
    n = keyctl_read(serial, secret.data, KEYRING_SECRET_MAX);
    if (n < 0 && (errno == ENOKEY || errno == EKEYREVOKED || errno == EKEYEXPIRED))
        return 0;
    if (n < 0)
        return fault_kernel("reading a key", why);
    return store_entry(entries, k, secret.data, (size_t)n, why);
}

static int kernel_load(const struct names *namespaces, struct json_object **out, struct fault *why)
{
    autofree void *list = NULL;
    int bytes = keyctl_read_alloc(KEY_SPEC_USER_KEYRING, &list), r = 0;
    struct json_object *entries;
    const key_serial_t *serial = list;

    if (bytes < 0)
        return fault_kernel("reading the user's keyring", why);
    entries = json_object_new_array();
    if (!entries)
        return fault_set(why, STATUS_SETUP, ENOMEM, "kernel keyring", "reading it");
    for (size_t i = 0; r == 0 && i < (size_t)bytes / sizeof *serial; i++) {
        struct key k;

        if (identify(serial[i], &k) && store_wants(namespaces, k.ns))
            r = take_secret(serial[i], &k, entries, why);
    }
    if (r < 0)
        json_wipe(entries);
    else
        *out = entries;
    return r;
}

/* The serial of K, or -1. Searches only the user's own keyring: request_key(2) would also ask user
 * space. */
static key_serial_t keyring_kernel_find(const struct key *k)
{
    char name[sizeof *k + sizeof PREFIX + 1];

    keyring_kernel_describe(k, name, sizeof name);
    return (key_serial_t)keyctl_search(KEY_SPEC_USER_KEYRING, "user", name, 0);
}

static int kernel_add(const struct key *k, const struct str *secret, bool replace,
                      struct fault *why)
{
    char name[sizeof *k + sizeof PREFIX + 1];
    key_serial_t serial;

    if (!secret)
        return fault_set(why, STATUS_USAGE, 0, "kernel keyring",
                         "cannot store a key without a secret: use the store \"file\"");
    if (!replace && keyring_kernel_find(k) >= 0)
        return store_exists(k, why);
    keyring_kernel_describe(k, name, sizeof name);
    serial = add_key("user", name, secret->data, secret->len, KEY_SPEC_USER_KEYRING);
    if (serial < 0)
        return fault_kernel("adding a key", why);
    /* Otherwise only a possessor may read it; a session may not be linked to the user's keyring. */
    if (keyctl_setperm(serial, KEY_POS_ALL | KEY_USR_ALL) < 0) {
        fault_kernel("adding a key", why);
        keyctl_unlink(serial, KEY_SPEC_USER_KEYRING);
        return -1;
    }
    return 0;
}

static int kernel_remove(const struct key *k, struct fault *why)
{
    key_serial_t serial = keyring_kernel_find(k);

    if (serial < 0)
        return errno == ENOKEY ? store_missing(k, why) : fault_kernel("looking for a key", why);
    /* Revoke first: that frees its payload immediately, even if other keyrings link to it. */
    if (keyctl_revoke(serial) < 0 || keyctl_unlink(serial, KEY_SPEC_USER_KEYRING) < 0)
        return fault_kernel("deleting a key", why);
    return 0;
}

const struct store_ops store_kernel = {"kernel", kernel_load, kernel_add, kernel_remove};
