/* Parsing the command line of `runbox run`. */
#include "runtime/cmd/run_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/cmd/cmd.h"
#include "runtime/state/keyring.h"

static const char help[] =
    "usage: runbox run [OPTION]... BUNDLE\n\n"
    "Run one bundle, confined.\n\n"
    "  --export NAME            the function to call, of those that the manifest exports\n"
    "  --arg JSON               the argument of that function, or of the script's entry\n"
    "  --arg-file FILE          the same, read from FILE ('-': stdin)\n"
    "  -o, --option NAME=VALUE  an option that the manifest declares\n"
    "  -l, --limit NAME=VALUE   a limit, below or above the manifest's own (64M, 250ms, 2)\n"
    "  -g, --grant WHAT         keyring:NS network:host mount:/PATH[:rw]\n"
    "                           capability:CAP_X syscall:NAME limit:NAME=VALUE\n"
    "  --best-effort            run even if this host cannot enforce a limit; the report\n"
    "                           says \"none\" for what was not enforced\n"
    "  --cgroup-parent PATH     make the box's groups below this one, not below runbox's own\n"
    "  --keyring FILE           keys, as JSON: [{\"namespace\",\"access_key\",\"secret_key\"}]\n"
    "                           (without it: those of runbox keyring, for what is granted)\n"
    "  --store STORE            where those keys are kept: file, kernel or credentials\n"
    "  --json                   speak JSON lines on stdin and stdout (runbox-wire(7))\n"
    "  --result FILE            write the result to FILE, not to stdout\n"
    "  --report FILE            write the report to FILE, as JSON\n"
    "  --audit FILE             append what was made, refused and killed, as JSON lines;\n"
    "                           'syslog' sends them to syslog\n"
    "  --artifacts DIR          write the files that the script hands out to DIR\n"
    "  -v, --verbose            show debug lines and what the run used\n"
    "  -q, --quiet              only what the script wrote, and errors: no result, no log\n"
    "  --no-color               no colours, even on a terminal\n"
    "  -h, --help               this text\n\n"
    "Exit status: 0 the script ended well, 1 it failed, 2 usage, 3 something does not\n"
    "validate, 4 not granted, 76 protocol, 124 time, 125 runbox itself, 137 memory,\n"
    "153 output, 159 forbidden system call, 128+N signal N.\n";

enum {
    OPT_EXPORT = 256,
    OPT_ARG,
    OPT_ARG_FILE,
    OPT_KEYRING,
    OPT_JSON,
    OPT_REPORT,
    OPT_RESULT,
    OPT_ARTIFACTS,
    OPT_AUDIT,
    OPT_NO_COLOR,
    OPT_BEST_EFFORT,
    OPT_CGROUP_PARENT,
    OPT_STORE
};

static const struct option longs[] = {
    {"export", required_argument, NULL, OPT_EXPORT},
    {"arg", required_argument, NULL, OPT_ARG},
    {"arg-file", required_argument, NULL, OPT_ARG_FILE},
    {"option", required_argument, NULL, 'o'},
    {"limit", required_argument, NULL, 'l'},
    {"grant", required_argument, NULL, 'g'},
    {"keyring", required_argument, NULL, OPT_KEYRING},
    {"store", required_argument, NULL, OPT_STORE},
    {"json", no_argument, NULL, OPT_JSON},
    {"report", required_argument, NULL, OPT_REPORT},
    {"result", required_argument, NULL, OPT_RESULT},
    {"artifacts", required_argument, NULL, OPT_ARTIFACTS},
    {"audit", required_argument, NULL, OPT_AUDIT},
    {"verbose", no_argument, NULL, 'v'},
    {"quiet", no_argument, NULL, 'q'},
    {"no-color", no_argument, NULL, OPT_NO_COLOR},
    {"best-effort", no_argument, NULL, OPT_BEST_EFFORT},
    {"cgroup-parent", required_argument, NULL, OPT_CGROUP_PARENT},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static int add_option(struct run_options *o, char *text)
{
    struct pair *p = &o->options[o->option_count];

    if (cmd_pair(text, &p->name, &p->value) < 0)
        return cmd_usage("run", "-o %s: expected NAME=VALUE", text);
    o->option_count++;
    return 0;
}

static int add_limit(struct run_options *o, const char *text)
{
    struct fault why;

    if (grants_override(&o->grants, text, &why) < 0)
        return cmd_usage("run", "%s: %s", why.where, why.what);
    return 0;
}

static int add_grant(struct run_options *o, char *text)
{
    o->grants.what.item[o->grants.what.count++] = text;
    return cmd_grant("run", text);
}

static int set_store(struct run_options *o, const char *text)
{
    o->store = store_find(text);
    return o->store < 0 ? cmd_usage("run", "--store %s: expected file, kernel or credentials", text)
                        : 0;
}

/* Options that only set a member. */
static void set_option(struct run_options *o, int c)
{
    switch (c) {
    case OPT_EXPORT:
        o->export = optarg;
        break;
    case OPT_ARG:
        o->arg = optarg;
        break;
    case OPT_ARG_FILE:
        o->arg_file = optarg;
        break;
    case OPT_KEYRING:
        o->keyring = optarg;
        break;
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_REPORT:
        o->report = optarg;
        break;
    case OPT_RESULT:
        o->result = optarg;
        break;
    case OPT_ARTIFACTS:
        o->artifacts = optarg;
        break;
    case OPT_AUDIT:
        o->audit = optarg;
        break;
    case OPT_NO_COLOR:
        o->no_color = true;
        break;
    case OPT_BEST_EFFORT:
        o->grants.best_effort = true;
        break;
    case OPT_CGROUP_PARENT:
        o->cgroup_parent = optarg;
        break;
    case 'v':
        o->verbose++;
        break;
    case 'q':
        o->verbose = -1;
        break;
    default:
        break;
    }
}

static int check_paths(const struct run_options *o)
{
    return cmd_path("run", "BUNDLE", o->bundle, true) ||
                   cmd_path("run", "--report", o->report, false) ||
                   cmd_path("run", "--result", o->result, false) ||
                   cmd_path("run", "--artifacts", o->artifacts, false) ||
                   cmd_path("run", "--audit", o->audit, false) ||
                   cmd_path("run", "--arg-file", o->arg_file, true) ||
                   cmd_path("run", "--keyring", o->keyring, true)
               ? status_exit(STATUS_USAGE, 0)
               : 0;
}

static int run_options_check(struct run_options *o, int argc, char **argv)
{
    if (optind != argc - 1)
        return cmd_usage("run",
                         optind == argc ? "name the bundle's directory"
                                        : "one bundle at a time: \"%s\" is one too many",
                         optind == argc ? "" : argv[optind + 1]);
    o->bundle = argv[optind];
    if (check_paths(o) || cmd_parent("run", o->cgroup_parent))
        return status_exit(STATUS_USAGE, 0);
    if (cmd_export("run", o->export))
        return status_exit(STATUS_USAGE, 0);
    if (o->arg && o->arg_file)
        return cmd_usage("run", "--arg and --arg-file exclude each other");
    if (o->keyring && o->store >= 0)
        return cmd_usage("run", "--keyring and --store exclude each other");
    if (o->json && (o->export || o->arg || o->arg_file || o->keyring || o->option_count))
        return cmd_usage("run", "with --json, the %s in the start line",
                         o->export ? "export belongs" : "argument, options and keyring belong");
    if (o->json && o->result)
        return cmd_usage("run", "with --json, the result is a line: --result is without it");
    return 0;
}

int run_options_parse(int argc, char **argv, struct run_options *o)
{
    int c, r = 0;

    *o = (struct run_options){.store = -1};
    limits_clear(&o->grants.override);
    o->options = calloc((size_t)argc, sizeof *o->options);
    o->grants.what.item = calloc((size_t)argc, sizeof *o->grants.what.item);
    if (!o->options || !o->grants.what.item)
        return -cmd_fault(&(struct fault){STATUS_SETUP, 0, "run", "out of memory"});
    optind = 1;
    while (r == 0 && (c = getopt_long(argc, argv, "o:l:g:vqh", longs, NULL)) != -1) {
        if (c == 'h')
            return cmd_help(help), 1;
        if (c == '?')
            return -cmd_usage_told("run");
        if (c == 'o')
            r = add_option(o, optarg);
        else if (c == 'l')
            r = add_limit(o, optarg);
        else if (c == OPT_STORE)
            r = set_store(o, optarg);
        else if (c == 'g')
            r = add_grant(o, optarg);
        else
            set_option(o, c);
    }
    if (r == 0)
        r = run_options_check(o, argc, argv);
    return -r;
}

void run_options_free(struct run_options *o)
{
    free(o->options);
    free(o->grants.what.item);
}
