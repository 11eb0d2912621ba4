/* `runbox new`: a starting bundle that passes `runbox check`. It is written under a temporary name
 * beside its destination and renamed when complete: nothing is left half-written or replaced. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/cmd/cmd.h"
#include "schemas/embedded.h"

/* A bundle ignores names that begin with '.': this file is for editors alone. */
#define SCHEMA_FILE ".manifest.schema.json"

static const char help[] =
    "usage: runbox new DIR\n\n"
    "Write a starting bundle: manifest.json, main.lua, README.md, and the manifest's schema for\n"
    "editors (" SCHEMA_FILE "). DIR must not exist, or be empty.\n\n"
    "  -h, --help   this text\n\n"
    "Exit status: 0, 2 usage (also if DIR is not empty), 125 it could not be written.\n";

static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};

static const char manifest_text[] =
    "{\n"
    "  \"$schema\": \"./" SCHEMA_FILE "\",\n"
    "  \"runbox\": 1,\n"
    "  \"name\": \"%s\",\n"
    "  \"version\": \"0.1.0\",\n"
    "  \"description\": \"Greets\",\n"
    "  \"arg\": {\n"
    "    \"type\": [\"object\", \"null\"],\n"
    "    \"properties\": {\n"
    "      \"name\": {\"type\": \"string\", \"maxLength\": 200, \"description\": \"Who is "
    "greeted\"}\n"
    "    },\n"
    "    \"additionalProperties\": false\n"
    "  },\n"
    "  \"options\": {\n"
    "    \"type\": \"object\",\n"
    "    \"properties\": {\n"
    "      \"word\": {\"type\": \"string\", \"default\": \"hello\", \"description\": \"The "
    "greeting\"}\n"
    "    },\n"
    "    \"additionalProperties\": false\n"
    "  },\n"
    "  \"result\": {\n"
    "    \"type\": \"object\",\n"
    "    \"properties\": {\"greeting\": {\"type\": \"string\"}},\n"
    "    \"required\": [\"greeting\"],\n"
    "    \"additionalProperties\": false\n"
    "  },\n"
    "  \"limits\": {\"memory\": \"32M\", \"cpu_time\": \"2s\", \"wall_time\": \"10s\"}\n"
    "}\n";

static const char main_text[] = "-- %s: greets whom the argument names. The entry is called once; "
                                "what it returns is the result.\n"
                                "function run(arg)\n"
                                "    local name = arg and arg.name or \"world\"\n\n"
                                "    return {greeting = box.options.word .. \", \" .. name}\n"
                                "end\n";

static const char readme_text[] = "# %s\n\n"
                                  "Greets.\n\n"
                                  "    runbox run --arg '{\"name\":\"Ada\"}' -o word=hi .\n"
                                  "    runbox check .\n"
                                  "    runbox describe .\n\n"
                                  "The manifest's members are explained in runbox-manifest(5), "
                                  "what a script finds in runbox-lua(7), modules for JSON, CSV, "
                                  "dates and more in runbox-std(7).\n";

/* The last component of PATH as a bundle's name: lower case, invalid characters replaced by '-'. */
static void name_from(const char *path, char name[65])
{
    size_t end = path_length(path), start, n = 0;

    for (start = end; start > 0 && path[start - 1] != '/'; start--)
        ;
    for (; start < end && n < 64; start++) {
        unsigned char c = (unsigned char)tolower((unsigned char)path[start]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (plain || (n && strchr("._-", c)))
            name[n++] = (char)c;
        else if (n && name[n - 1] != '-')
            name[n++] = '-';
    }
    name[n] = '\0';
    if (!n)
        strcpy(name, "bundle");
}

static int new_write_file(int dir, const char *file, const char *text, size_t n)
{
    autoclose int fd =
        openat(dir, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

    while (fd >= 0 && n) {
        ssize_t done = write(fd, text, n);

        if (done < 0 && errno != EINTR)
            return -1;
        text += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return fd < 0 ? -1 : 0;
}

static const char *const files[] = {"manifest.json", "main.lua", "README.md", SCHEMA_FILE};

static int write_all(int dir, const char *name)
{
    const struct embedded *schema = embedded_find("manifest");
    autostr struct str manifest = {0}, source = {0}, readme = {0};

    str_addf(&manifest, manifest_text, name);
    str_addf(&source, main_text, name);
    str_addf(&readme, readme_text, name);
    errno = ENOMEM;
    if (manifest.failed || source.failed || readme.failed)
        return -1;
    if (new_write_file(dir, files[0], manifest.data, manifest.len) < 0 ||
        new_write_file(dir, files[1], source.data, source.len) < 0 ||
        new_write_file(dir, files[2], readme.data, readme.len) < 0)
        return -1;
    return new_write_file(dir, files[3], schema->text, (size_t)(schema->end - schema->text));
}

/* A directory being made, under a temporary name beside its final one. */
struct fresh {
    int parent;
    const char *name; /* the last component of the caller's path */
    char own[32];
};

static int make_fresh(struct fresh *f)
{
    unsigned long long random;

    do {
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        snprintf(f->own, sizeof f->own, ".runbox-%016llx", random);
        if (mkdirat(f->parent, f->own, 0700) == 0)
            return 0;
    } while (errno == EEXIST);
    return -1;
}

/* 0, or -1 with errno. */
static int fill(const struct fresh *f)
{
    autoclose int fd = openat(f->parent, f->own, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    mode_t mask = umask(0);
    char name[65];

    umask(mask);
    name_from(f->name, name);
    if (fd < 0 || write_all(fd, name) < 0 || fchmod(fd, 0777 & ~mask) < 0)
        return -1;
    return renameat(f->parent, f->own, f->parent, f->name); /* or over an empty one: rename(2) */
}

static void unmake(const struct fresh *f)
{
    autoclose int fd = openat(f->parent, f->own, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    for (size_t i = 0; fd >= 0 && i < sizeof files / sizeof *files; i++)
        unlinkat(fd, files[i], 0);
    unlinkat(f->parent, f->own, AT_REMOVEDIR);
}

static int write_bundle(const char *dir)
{
    size_t n = path_length(dir);
    autostr struct str path = {0};
    struct fresh f = {.parent = -1};
    const char *refused = NULL;
    autoclose int parent = -1;
    struct fault why;
    int err;

    str_add(&path, dir, n);
    errno = ENOMEM;
    f.parent = parent = path.failed ? -1 : path_parent(path.data, &f.name, NULL, &refused);
    if (refused) {
        fault_set(&why, STATUS_SETUP, 0, dir, "making the directory: %s", refused);
        return cmd_fault(&why);
    }
    if (parent < 0 || make_fresh(&f) < 0) {
        fault_set(&why, STATUS_SETUP, errno, dir, "making the directory");
        return cmd_fault(&why);
    }
    if (fill(&f) == 0)
        return 0;
    err = errno;
    unmake(&f);
    if (err == ENOTEMPTY || err == EEXIST)
        fault_set(&why, STATUS_USAGE, 0, dir, "is not empty: name a new directory");
    else
        fault_set(&why, STATUS_SETUP, err, dir, "writing the bundle");
    return cmd_fault(&why);
}

int cmd_new(int argc, char **argv)
{
    const char *last;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 0;
        return cmd_usage_told("new");
    }
    if (optind != argc - 1)
        return cmd_usage("new", "name one directory");
    last = strrchr(argv[optind], '/');
    last = last && last[1] ? last + 1 : argv[optind];
    if (!*argv[optind] || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return cmd_usage("new", "\"%s\" has no name: name a new directory", argv[optind]);
    return write_bundle(argv[optind]);
}
