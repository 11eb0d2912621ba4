/* `runbox keyring`: keys that a person keeps for scripts, and which bundle may have them. Prints
 * names; a secret only where `get` asks for it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles/manifest.h"
#include "bundles/shape.h"
#include "runtime/base/fd.h"
#include "runtime/cmd/apart.h"
#include "runtime/cmd/cmd.h"
#include "runtime/cmd/secret.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/monitor/remote.h"
#include "runtime/state/keyring.h"
#include "runtime/state/policy.h"
#include "runtime/wire/text.h"

static const char help[] =
    "usage: runbox keyring add [--replace] [--no-secret] NAMESPACE:ACCESS_KEY\n"
    "       runbox keyring list\n"
    "       runbox keyring get NAMESPACE:ACCESS_KEY\n"
    "       runbox keyring delete NAMESPACE:ACCESS_KEY\n"
    "       runbox keyring grant [--any-version] NAMESPACE BUNDLE\n"
    "       runbox keyring revoke NAMESPACE BUNDLE\n\n"
    "Keep keys for scripts. A secret is read from the terminal without echo, or from standard\n"
    "input; it never appears on a command line. runbox run uses them unless given --keyring.\n"
    "A grant is written to policy.json in $XDG_CONFIG_HOME/runbox: runbox-policy(5).\n\n"
    "  --store STORE   file (default): keyring.json in $XDG_CONFIG_HOME/runbox, 0600\n"
    "                  kernel: the user's keyring in the kernel, gone when the machine stops\n"
    "                  credentials: $CREDENTIALS_DIRECTORY of a systemd service, read only\n"
    "  --replace       give an existing key the new secret\n"
    "  --no-secret     store an access key without a secret\n"
    "  --any-version   grant to whatever is in this directory, not only to this digest\n"
    "  -h, --help      this text\n\n"
    "Exit status: 0, 2 usage, 3 no such key, or a file that does not validate, 125 otherwise.\n";

enum { OPT_STORE = 256, OPT_REPLACE, OPT_NO_SECRET, OPT_ANY_VERSION };

static const struct option longs[] = {
    {"store", required_argument, NULL, OPT_STORE},
    {"replace", no_argument, NULL, OPT_REPLACE},
    {"no-secret", no_argument, NULL, OPT_NO_SECRET},
    {"any-version", no_argument, NULL, OPT_ANY_VERSION},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct asked {
    enum store store;
    bool replace, no_secret, any_version;
    int count;
    char **word; /* the arguments after the verb's name */
};

static int cmd_keyring_add(const struct asked *a, struct fault *why)
{
    autosecret struct str secret = {.secret = true};
    char prompt[sizeof(struct key) + 32];
    struct key k;

    if (key_parse(a->word[0], &k, why) < 0)
        return -1;
    snprintf(prompt, sizeof prompt, "Secret of %s:%s: ", k.ns, k.access);
    if (!a->no_secret && secret_read(prompt, KEYRING_SECRET_MAX, &secret, why) < 0)
        return -1;
    return keyring_add(a->store, &k, a->no_secret ? NULL : &secret, a->replace, why);
}

/* Reports write(2)'s own error: a full disk must not look like an empty secret. */
static int keyring_print(const struct str *text, struct fault *why)
{
    setvbuf(stdout, NULL, _IONBF, 0); /* no buffer that would keep a copy */
    if (text->len && fwrite(text->data, 1, text->len, stdout) != text->len)
        return fault_set(why, STATUS_SETUP, errno, "stdout", "writing");
    return 0;
}

static int list(const struct asked *a, struct fault *why)
{
    autostr struct str text = {0}, visible = {0};

    if (keyring_list(a->store, &text, why) < 0)
        return -1;
    text_visible(&visible, text.data ? text.data : "", text.len);
    if (text.failed || visible.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "keyring", "listing it");
    return keyring_print(&visible, why);
}

static int cmd_keyring_get(const struct asked *a, struct fault *why)
{
    autosecret struct str secret = {.secret = true};
    struct key k;

    if (key_parse(a->word[0], &k, why) < 0)
        return -1;
    if (keyring_get(a->store, &k, &secret, why) < 0)
        return -1;
    str_addc(&secret, '\n');
    return keyring_print(&secret, why);
}

static int delete(const struct asked *a, struct fault *why)
{
    struct key k;

    return key_parse(a->word[0], &k, why) < 0 ? -1 : keyring_delete(a->store, &k, why);
}

/* `grant` and `revoke`: the monitor reads the manifest, the broker writes the policy. */
struct granting {
    const struct asked *asked;
    struct policy_change change; /* what the broker does for the name that it is given */
    char text[160];              /* the grant */
};

static int check_asks(const struct granting *g, const struct manifest *m, struct fault *why)
{
    for (size_t i = 0; i < m->keyring_access.count; i++)
        if (strcmp(m->keyring_access.item[i], g->asked->word[0]) == 0)
            return 0;
    return fault_set(why, STATUS_INVALID, 0, g->asked->word[1],
                     "%s does not ask for %s (keyring_access in its manifest)", m->name, g->text);
}

static int grant_body(void *of, struct remote *r)
{
    const struct granting *g = of;
    struct findings findings = {0};
    struct manifest *m = NULL;
    struct bundle *b = NULL;
    struct fault why;
    int done = -1;

    if (remote_bundle(r, g->asked->word[1], &b, &why) == 0 &&
        manifest_load(b, &m, &findings, &why) == 0 && check_asks(g, m, &why) == 0)
        done = remote_grant(r, m->name, &why);
    return done < 0 ? cmd_fault(&why) : 0;
}

/* By the name in the bundle's manifest or, if that is missing or invalid, by the argument. */
static int revoke_body(void *of, struct remote *r)
{
    const struct granting *g = of;
    const char *name = g->asked->word[1];
    struct findings findings = {0};
    struct manifest *m = NULL;
    struct bundle *b = NULL;
    struct fault why;
    int done;

    if (remote_bundle(r, name, &b, &why) == 0 && manifest_load(b, &m, &findings, &why) == 0)
        name = m->name;
    done = shape_name(name) ? remote_grant(r, name, &why) : policy_no_grant(g->text, name, &why);
    return done < 0 ? cmd_fault(&why) : 0;
}

static int change_policy(const struct asked *a, bool revoke, struct fault *why)
{
    struct granting g = {.asked = a, .change = {.grant = g.text, .revoke = revoke}};
    autofree char *path = NULL;
    struct apart apart = {.keep = -1,
                          .path = a->word[1],
                          .body = revoke ? revoke_body : grant_body,
                          .of = &g,
                          .broker.change = &g.change};

    if (!key_namespace(a->word[0]))
        return fault_set(why, STATUS_USAGE, 0, "keyring",
                         "a namespace is 1 to 128 of the characters A-Z a-z 0-9 _ . -");
    snprintf(g.text, sizeof g.text, "keyring:%s", a->word[0]);
    if (a->any_version) {
        path = realpath(a->word[1], NULL);
        if (!path)
            return fault_set(why, STATUS_INVALID, errno, a->word[1],
                             "finding the bundle's directory");
        if (!shape_absolute(path))
            return fault_set(
                why, STATUS_INVALID, 0, a->word[1],
                "its path has characters that a policy cannot contain: leave out --any-version");
        g.change.path = path;
    }
    return apart_run(&apart);
}

static int cmd_keyring_grant(const struct asked *a, struct fault *why)
{
    return change_policy(a, false, why);
}

static int cmd_keyring_revoke(const struct asked *a, struct fault *why)
{
    return change_policy(a, true, why);
}

static const struct {
    const char *name;
    int (*run)(const struct asked *a,
               struct fault *why); /* 0; -1 and *WHY; or an exit status, told */
    int words;
    const char *shape;
} verbs[] = {
    {"add", cmd_keyring_add, 1, "NAMESPACE:ACCESS_KEY"},
    {"list", list, 0, ""},
    {"get", cmd_keyring_get, 1, "NAMESPACE:ACCESS_KEY"},
    {"delete", delete, 1, "NAMESPACE:ACCESS_KEY"},
    {"grant", cmd_keyring_grant, 2, "NAMESPACE BUNDLE"},
    {"revoke", cmd_keyring_revoke, 2, "NAMESPACE BUNDLE"},
};

#define VERBS (sizeof verbs / sizeof verbs[0])

/* 0: continue; 1: --help was printed; -1: a usage error was. */
static int cmd_keyring_parse(int argc, char **argv, struct asked *a)
{
    int c, store;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 1;
        if (c == '?')
            return cmd_usage_told("keyring"), -1;
        a->replace |= c == OPT_REPLACE;
        a->no_secret |= c == OPT_NO_SECRET;
        a->any_version |= c == OPT_ANY_VERSION;
        if (c != OPT_STORE)
            continue;
        store = store_find(optarg);
        if (store < 0)
            return cmd_usage("keyring", "--store %s: expected file, kernel or credentials", optarg),
                   -1;
        a->store = (enum store)store;
    }
    a->word = argv + optind + 1;
    a->count = argc - optind - 1;
    return 0;
}

int cmd_keyring(int argc, char **argv)
{
    struct asked a = {.store = STORE_FILE};
    struct fault why = {0};
    int r = cmd_keyring_parse(argc, argv, &a);

    if (r)
        return r > 0 ? 0 : status_exit(STATUS_USAGE, 0);
    for (size_t i = 0; i < VERBS && a.count >= 0; i++) {
        if (strcmp(a.word[-1], verbs[i].name) != 0)
            continue;
        if (a.count != verbs[i].words)
            return cmd_usage("keyring", "usage: runbox keyring %s%s%s", verbs[i].name,
                             *verbs[i].shape ? " " : "", verbs[i].shape);
        r = verbs[i].run(&a, &why);
        if (r < 0)
            diagnosis_add(&why, why.where);
        return r < 0 ? cmd_fault(&why) : r;
    }
    return cmd_usage("keyring", "say what to do: add, list, get, delete, grant or revoke");
}
