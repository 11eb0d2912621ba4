/* `runbox keyring`: keys that a person keeps for scripts, and which bundle may have them. Prints names;
 * a secret only where `get` asks for that one. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "runtime/cmd/cmd.h"
#include "runtime/cmd/secret.h"
#include "runtime/state/keyring.h"

static const char help[] =
    "usage: runbox keyring add [--replace] [--no-secret] NAMESPACE:ACCESS_KEY\n"
    "       runbox keyring list\n"
    "       runbox keyring get NAMESPACE:ACCESS_KEY\n"
    "       runbox keyring delete NAMESPACE:ACCESS_KEY\n\n"
    "Keep keys for scripts. A secret is read from the terminal without echo, or from standard\n"
    "input; it never stands on a command line. runbox run uses them where --keyring names no "
    "file.\n\n"
    "  --store STORE   file (default): keyring.json in $XDG_CONFIG_HOME/runbox, 0600\n"
    "                  kernel: the user's keyring in the kernel, gone when the machine stops\n"
    "                  credentials: $CREDENTIALS_DIRECTORY of a systemd service, read only\n"
    "  --replace       a key that is there already gets the new secret\n"
    "  --no-secret     the access key is all there is\n"
    "  -h, --help      this text\n\n"
    "Exit status: 0, 2 usage, 3 no such key, or a file that does not validate, 125 otherwise.\n";

enum { OPT_STORE = 256, OPT_REPLACE, OPT_NO_SECRET };

static const struct option longs[] = {
    {"store", required_argument, NULL, OPT_STORE},
    {"replace", no_argument, NULL, OPT_REPLACE},
    {"no-secret", no_argument, NULL, OPT_NO_SECRET},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct asked {
    enum store store;
    bool replace, no_secret;
    int count;
    char **word; /* what follows the verb's name */
};

static int add(const struct asked *a, struct fault *why)
{
    autosecret struct str secret = {0};
    char prompt[sizeof(struct key) + 32];
    struct key k;

    if (key_parse(a->word[0], &k, why) < 0)
        return -1;
    snprintf(prompt, sizeof prompt, "Secret of %s:%s: ", k.ns, k.access);
    if (!a->no_secret && secret_read(prompt, KEYRING_SECRET_MAX, &secret, why) < 0)
        return -1;
    return keyring_add(a->store, &k, a->no_secret ? NULL : &secret, a->replace, why);
}

/* With write(2)'s own error: a full disk must not look like an empty secret. */
static int print(const struct str *text, struct fault *why)
{
    setvbuf(stdout, NULL, _IONBF, 0); /* no buffer that would keep a copy */
    if (text->len && fwrite(text->data, 1, text->len, stdout) != text->len)
        return fault_set(why, STATUS_SETUP, errno, "stdout", "writing");
    return 0;
}

static int list(const struct asked *a, struct fault *why)
{
    autostr struct str text = {0};

    return keyring_list(a->store, &text, why) < 0 ? -1 : print(&text, why);
}

static int get(const struct asked *a, struct fault *why)
{
    autosecret struct str secret = {0};
    struct key k;

    if (key_parse(a->word[0], &k, why) < 0)
        return -1;
    if (str_reserve(&secret, KEYRING_SECRET_MAX + 1) < 0)
        return fault_set(why, STATUS_SETUP, ENOMEM, "keyring", "reading a key");
    if (keyring_get(a->store, &k, &secret, why) < 0)
        return -1;
    str_addc(&secret, '\n');
    return print(&secret, why);
}

static int delete (const struct asked *a, struct fault *why)
{
    struct key k;

    return key_parse(a->word[0], &k, why) < 0 ? -1 : keyring_delete(a->store, &k, why);
}

static const struct {
    const char *name;
    int (*run)(const struct asked *a, struct fault *why);
    int words;
    const char *shape;
} verbs[] = {
    {"add", add, 1, "NAMESPACE:ACCESS_KEY"},
    {"list", list, 0, ""},
    {"get", get, 1, "NAMESPACE:ACCESS_KEY"},
    {"delete", delete, 1, "NAMESPACE:ACCESS_KEY"},
};

#define VERBS (sizeof verbs / sizeof verbs[0])

/* 0: go on; 1: --help was printed; -1: a usage error was. */
static int parse(int argc, char **argv, struct asked *a)
{
    int c, store;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return fputs(help, stdout) < 0 ? -1 : 1;
        if (c == '?')
            return cmd_usage("keyring", "see above"), -1;
        a->replace |= c == OPT_REPLACE;
        a->no_secret |= c == OPT_NO_SECRET;
        if (c != OPT_STORE)
            continue;
        store = store_find(optarg);
        if (store < 0)
            return cmd_usage("keyring", "--store %s: file, kernel or credentials", optarg), -1;
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
    int r = parse(argc, argv, &a);

    if (r)
        return r > 0 ? 0 : status_exit(STATUS_USAGE, 0);
    for (size_t i = 0; i < VERBS && a.count >= 0; i++) {
        if (strcmp(a.word[-1], verbs[i].name) != 0)
            continue;
        if (a.count != verbs[i].words)
            return cmd_usage("keyring", "it is: %s %s", verbs[i].name, verbs[i].shape);
        return verbs[i].run(&a, &why) < 0 ? cmd_fault(&why) : 0;
    }
    return cmd_usage("keyring", "say what to do: add, list, get or delete");
}
