/* Parsing the command line of `runbox serve`. */
#include "runtime/cmd/serve_options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cmd/cmd.h"
#include "runtime/state/keyring.h"

static const char help[] =
    "usage: runbox serve [OPTION]... --socket PATH BUNDLE...\n\n"
    "Run bundles for whoever connects to a Unix socket (runbox-serve(1), runbox-wire(7)).\n\n"
    "  --socket PATH            where to listen; default: the socket that systemd passes\n"
    "  --allow-uid UID          serve this user too (repeatable; the socket's mode is then 0666)\n"
    "  --max N                  runs at once (four per CPU)\n"
    "  --queue N                waiting runs per bundle; more are \"busy\" (64)\n"
    "  --warm N                 boxes per bundle that wait for runs (4)\n"
    "  --fresh                  new namespaces for every run, no warm boxes\n"
    "  --connections N          connections at once (256)\n"
    "  --idle TIME              close a connection that is idle for this long (5m; 0: never)\n"
    "  --drain TIME             when told to stop, wait this long for runs under way (30s)\n"
    "  -l, --limit NAME=VALUE   a limit for every run, below or above its manifest's own\n"
    "  -g, --grant WHAT         keyring:NS network:host mount:/PATH[:rw]\n"
    "                           capability:CAP_X syscall:NAME limit:NAME=VALUE\n"
    "  --store STORE            keys for runs that bring none: file, kernel or credentials\n"
    "  --best-effort            serve even if this host cannot enforce a limit\n"
    "  --cgroup-parent PATH     make the boxes' groups below this one, not below runbox's own\n"
    "  --audit FILE             append what was made, refused and killed, as JSON lines;\n"
    "                           'syslog' sends them to syslog\n"
    "  -h, --help               this text\n\n"
    "SIGTERM stops it once the runs under way have ended, SIGHUP reads changed bundles again.\n"
    "Exit status: 0 it was told to stop, 2 usage, 3 a bundle does not validate, 4 not granted,\n"
    "125 it failed, 128+N signal N stopped it, and runs were cancelled.\n";

enum {
    OPT_SOCKET = 256,
    OPT_ALLOW_UID,
    OPT_MAX,
    OPT_QUEUE,
    OPT_WARM,
    OPT_FRESH,
    OPT_CONNECTIONS,
    OPT_IDLE,
    OPT_DRAIN,
    OPT_STORE,
    OPT_BEST_EFFORT,
    OPT_CGROUP_PARENT,
    OPT_AUDIT
};

static const struct option longs[] = {
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"allow-uid", required_argument, NULL, OPT_ALLOW_UID},
    {"max", required_argument, NULL, OPT_MAX},
    {"queue", required_argument, NULL, OPT_QUEUE},
    {"warm", required_argument, NULL, OPT_WARM},
    {"fresh", no_argument, NULL, OPT_FRESH},
    {"connections", required_argument, NULL, OPT_CONNECTIONS},
    {"idle", required_argument, NULL, OPT_IDLE},
    {"drain", required_argument, NULL, OPT_DRAIN},
    {"limit", required_argument, NULL, 'l'},
    {"grant", required_argument, NULL, 'g'},
    {"store", required_argument, NULL, OPT_STORE},
    {"best-effort", no_argument, NULL, OPT_BEST_EFFORT},
    {"cgroup-parent", required_argument, NULL, OPT_CGROUP_PARENT},
    {"audit", required_argument, NULL, OPT_AUDIT},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static int count(const char *option, const char *text, unsigned long least, unsigned long most,
                 unsigned *to)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < least || value > most)
        return cmd_usage("serve", "%s %s: expected a number from %lu to %lu", option, text, least,
                         most);
    *to = (unsigned)value;
    return 0;
}

/* As for -l wall_time, or 0. */
static int duration(const char *option, const char *text, uint64_t *to)
{
    struct fault why;

    *to = 0;
    if (strcmp(text, "0") == 0 || limit_parse(LIMIT_WALL_TIME, text, to, &why) == 0)
        return 0;
    return cmd_usage("serve", "%s %s: %s", option, text, why.what);
}

static int take_store(struct serve_line *o)
{
    o->store = store_find(optarg);
    return o->store < 0
               ? cmd_usage("serve", "--store %s: expected file, kernel or credentials", optarg)
               : 0;
}

static int serve_options_take_limit(struct serve_line *o)
{
    struct fault why;

    if (grants_override(&o->grants, optarg, &why) < 0)
        return cmd_usage("serve", "%s: %s", why.where, why.what);
    return 0;
}

static int take_uid(struct serve_line *o)
{
    unsigned uid = 0;

    if (count("--allow-uid", optarg, 0, UINT_MAX - 1, &uid) != 0)
        return -1;
    o->uids[o->uid_count++] = uid;
    return 0;
}

static int take_number(struct serve_line *o, int c)
{
    switch (c) {
    case OPT_MAX:
        return count("--max", optarg, 1, 4096, &o->max);
    case OPT_QUEUE:
        return count("--queue", optarg, 0, 1000000, &o->queue);
    case OPT_WARM:
        return count("--warm", optarg, 0, 1000, &o->warm);
    case OPT_CONNECTIONS:
        return count("--connections", optarg, 1, 100000, &o->connections);
    case OPT_IDLE:
        return duration("--idle", optarg, &o->idle_ns);
    default:
        return duration("--drain", optarg, &o->drain_ns);
    }
}

static int serve_options_take(struct serve_line *o, int c)
{
    switch (c) {
    case OPT_SOCKET:
        o->socket = optarg;
        return 0;
    case OPT_ALLOW_UID:
        return take_uid(o);
    case OPT_FRESH:
        o->fresh = true;
        return 0;
    case 'l':
        return serve_options_take_limit(o);
    case 'g':
        o->grants.what.item[o->grants.what.count++] = optarg;
        return cmd_grant("serve", optarg);
    case OPT_STORE:
        return take_store(o);
    case OPT_BEST_EFFORT:
        o->grants.best_effort = true;
        return 0;
    case OPT_CGROUP_PARENT:
        o->cgroup_parent = optarg;
        return 0;
    case OPT_AUDIT:
        o->audit = optarg;
        return 0;
    case '?':
        return cmd_usage_told("serve");
    default:
        return take_number(o, c);
    }
}

static int serve_options_check(struct serve_line *o, int argc, char **argv)
{
    if (optind == argc)
        return cmd_usage("serve", "name the bundles' directories");
    if (cmd_parent("serve", o->cgroup_parent) || cmd_path("serve", "--audit", o->audit, false))
        return status_exit(STATUS_USAGE, 0);
    o->bundles = argv + optind;
    o->bundle_count = (unsigned)(argc - optind);
    for (unsigned i = 0; i < o->bundle_count; i++)
        if (cmd_path("serve", "BUNDLE", o->bundles[i], true))
            return status_exit(STATUS_USAGE, 0);
    return 0;
}

int serve_options_parse(int argc, char **argv, struct serve_line *o)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int c, r = 0;

    *o = (struct serve_line){.max = cpus < 1 ? 4 : (unsigned)cpus * 4,
                             .queue = 64,
                             .warm = 4,
                             .connections = 256,
                             .idle_ns = 300000000000ull,
                             .drain_ns = 30000000000ull,
                             .store = -1};
    limits_clear(&o->grants.override);
    o->uids = calloc((size_t)argc, sizeof *o->uids);
    o->grants.what.item = calloc((size_t)argc, sizeof *o->grants.what.item);
    if (!o->uids || !o->grants.what.item)
        return -cmd_fault(&(struct fault){STATUS_SETUP, 0, "serve", "out of memory"});
    optind = 1;
    while (r == 0 && (c = getopt_long(argc, argv, "l:g:h", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 1;
        r = serve_options_take(o, c);
    }
    if (r == 0)
        r = serve_options_check(o, argc, argv);
    return r ? -1 : 0;
}

void serve_options_free(struct serve_line *o)
{
    free(o->uids);
    free(o->grants.what.item);
}
