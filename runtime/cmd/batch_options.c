/* Parsing the command line of `runbox batch`. */
#include "runtime/cmd/batch_options.h"

#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/batch/feed.h"
#include "runtime/cmd/cmd.h"
#include "runtime/state/keyring.h"

#define JOBS_MAX    4096
#define RETRIES_MAX 1000

static const char help[] =
    "usage: runbox batch [OPTION]... [BUNDLE]\n\n"
    "Run many jobs, each in a box of its own: JSON lines of jobs on stdin, JSON lines of\n"
    "results on stdout (runbox-batch(1); 'runbox schema job', 'runbox schema result').\n\n"
    "  -f, --input FILE        read the jobs from FILE\n"
    "  --output FILE           append the results to FILE\n"
    "  --resume FILE           skip jobs that have a result in FILE; append to it\n"
    "  --retry-failed FILE     rerun the jobs whose last result in FILE is not ok\n"
    "  --keep-order            results in the order of the jobs\n"
    "  --html FILE             write a page about the batch to FILE\n"
    "  -j, --jobs N            run N jobs at once (default: the number of CPUs)\n"
    "  --memory SIZE           bound the sum of their memory limits (4G)\n"
    "  --cpus N                bound the sum of their CPUs (2.5)\n"
    "  --timeout DURATION      end the batch after this time (90s, 2h)\n"
    "  --retries N             retry up to N times if the host was to blame\n"
    "  --shard PART            run only the Ith of N shares of the jobs: I/N\n"
    "  --fresh                 new namespaces for each job, no forked boxes\n"
    "  -o, --option NAME=VALUE an option of the bundle, for jobs that do not set it\n"
    "  -l, --limit NAME=VALUE  a limit, for jobs that do not set it (64M, 250ms, 2)\n"
    "  -g, --grant WHAT        keyring:NS network:host mount:/PATH[:rw]\n"
    "                          capability:CAP_X syscall:NAME limit:NAME=VALUE\n"
    "  --best-effort           run even if this host cannot enforce a limit\n"
    "  --cgroup-parent PATH    make the boxes' groups below this one\n"
    "  --audit FILE            append what was made, refused and killed, as JSON lines;\n"
    "                          'syslog' sends them to syslog\n"
    "  --store STORE           where keys come from: file, kernel or credentials\n"
    "  -v, --verbose           a line on stderr for each job that is not ok\n"
    "  -q, --quiet             no progress and no summary on stderr\n"
    "  -h, --help              this text\n\n"
    "Exit status: 0 all jobs were ok, 1 not all, 2 usage, 3 or 4 the bundle or the input\n"
    "cannot be used, 124 --timeout, 125 runbox itself, 128+N signal N.\n";

enum {
    OPT_OUTPUT = 256,
    OPT_RESUME,
    OPT_KEEP_ORDER,
    OPT_HTML,
    OPT_MEMORY,
    OPT_CPUS,
    OPT_TIMEOUT,
    OPT_RETRIES,
    OPT_RETRY_FAILED,
    OPT_SHARD,
    OPT_FRESH,
    OPT_BEST_EFFORT,
    OPT_CGROUP_PARENT,
    OPT_STORE,
    OPT_AUDIT
};

static const struct option longs[] = {
    {"input", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, OPT_OUTPUT},
    {"resume", required_argument, NULL, OPT_RESUME},
    {"keep-order", no_argument, NULL, OPT_KEEP_ORDER},
    {"html", required_argument, NULL, OPT_HTML},
    {"jobs", required_argument, NULL, 'j'},
    {"memory", required_argument, NULL, OPT_MEMORY},
    {"cpus", required_argument, NULL, OPT_CPUS},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"retries", required_argument, NULL, OPT_RETRIES},
    {"retry-failed", required_argument, NULL, OPT_RETRY_FAILED},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"fresh", no_argument, NULL, OPT_FRESH},
    {"option", required_argument, NULL, 'o'},
    {"limit", required_argument, NULL, 'l'},
    {"grant", required_argument, NULL, 'g'},
    {"best-effort", no_argument, NULL, OPT_BEST_EFFORT},
    {"cgroup-parent", required_argument, NULL, OPT_CGROUP_PARENT},
    {"audit", required_argument, NULL, OPT_AUDIT},
    {"store", required_argument, NULL, OPT_STORE},
    {"verbose", no_argument, NULL, 'v'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static int batch_options_take_count(const char *option, const char *text, unsigned least,
                                    unsigned most, unsigned *to)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || n < least || n > most)
        return cmd_usage("batch", "%s %s: expected a number from %u to %u", option, text, least,
                         most);
    *to = (unsigned)n;
    return 0;
}

/* Parse a sum of limits, or a time, in the syntax of the limit AS. */
static int batch_options_take_limit(const char *option, const char *text, enum limit as,
                                    uint64_t *to)
{
    struct fault why;
    const char *name = limit_info[as].text;
    size_t n = strlen(name);

    if (limit_parse(as, text, to, &why) == 0)
        return 0;
    /* Drop the limit's own name, which is not the option's. */
    return cmd_usage("batch", "%s %s: %s", option, text,
                     why.what + (strncmp(why.what, name, n) == 0 ? n + 1 : 0));
}

static int take_option(struct batch_options *o, char *text)
{
    struct pair *p = &o->options[o->option_count];

    if (cmd_pair(text, &p->name, &p->value) < 0)
        return cmd_usage("batch", "-o %s: expected NAME=VALUE", text);
    o->option_count++;
    return 0;
}

static int take_override(struct batch_options *o, const char *text)
{
    struct fault why;

    if (grants_override(&o->grants, text, &why) < 0)
        return cmd_usage("batch", "%s: %s", why.where, why.what);
    return 0;
}

static int take_grant(struct batch_options *o, char *text)
{
    o->grants.what.item[o->grants.what.count++] = text;
    return cmd_grant("batch", text);
}

static int take_results(struct batch_command *c, const char *path, bool failed)
{
    if (c->resume && c->failed != failed)
        return cmd_usage("batch", "--resume and --retry-failed exclude each other");
    c->resume = path;
    c->failed = failed;
    return 0;
}

static int take_store(struct batch_options *o, const char *text)
{
    o->store = store_find(text);
    return o->store < 0
               ? cmd_usage("batch", "--store %s: expected file, kernel or credentials", text)
               : 0;
}

static int take_shard(struct batch_options *o, const char *text)
{
    if (feed_shard(text, &o->shard, &o->shards) < 0)
        return cmd_usage("batch", "--shard %s: expected I/N, from 1/N to N/N", text);
    return 0;
}

/* Options whose value may be invalid. */
static int take_value(struct batch_command *c, int option)
{
    struct batch_options *o = &c->batch;

    switch (option) {
    case OPT_RESUME:
        return take_results(c, optarg, false);
    case OPT_RETRY_FAILED:
        return take_results(c, optarg, true);
    case 'j':
        return batch_options_take_count("--jobs", optarg, 1, JOBS_MAX, &o->jobs);
    case OPT_RETRIES:
        return batch_options_take_count("--retries", optarg, 0, RETRIES_MAX, &o->retries);
    case OPT_MEMORY:
        return batch_options_take_limit("--memory", optarg, LIMIT_MEMORY, &o->memory);
    case OPT_CPUS:
        return batch_options_take_limit("--cpus", optarg, LIMIT_CPUS, &o->cpus);
    case OPT_TIMEOUT:
        return batch_options_take_limit("--timeout", optarg, LIMIT_WALL_TIME, &o->timeout);
    case OPT_SHARD:
        return take_shard(o, optarg);
    case OPT_STORE:
        return take_store(o, optarg);
    case 'o':
        return take_option(o, optarg);
    case 'l':
        return take_override(o, optarg);
    case 'g':
        return take_grant(o, optarg);
    default:
        return 0;
    }
}

static void batch_options_set(struct batch_command *c, int option)
{
    switch (option) {
    case 'f':
        c->input = strcmp(optarg, "-") == 0 ? NULL : optarg;
        break;
    case OPT_OUTPUT:
        c->output = strcmp(optarg, "-") == 0 ? NULL : optarg;
        break;
    case OPT_HTML:
        c->html = optarg;
        break;
    case OPT_KEEP_ORDER:
        c->batch.keep_order = true;
        break;
    case OPT_FRESH:
        c->batch.fresh = true;
        break;
    case OPT_BEST_EFFORT:
        c->batch.grants.best_effort = true;
        break;
    case OPT_CGROUP_PARENT:
        c->batch.cgroup_parent = optarg;
        break;
    case OPT_AUDIT:
        c->audit = optarg;
        break;
    case 'v':
        c->verbose++;
        break;
    case 'q':
        c->verbose = -1;
        break;
    default:
        break;
    }
}

static int check_paths(const struct batch_command *c)
{
    const char *results = c->failed ? "--retry-failed" : "--resume";

    return cmd_path("batch", "BUNDLE", c->batch.bundle, true) ||
                   cmd_path("batch", "--input", c->input, true) ||
                   cmd_path("batch", "--output", c->output, true) ||
                   cmd_path("batch", results, c->resume, false) ||
                   cmd_path("batch", "--html", c->html, false) ||
                   cmd_path("batch", "--audit", c->audit, false)
               ? status_exit(STATUS_USAGE, 0)
               : 0;
}

static unsigned default_jobs(void)
{
    cpu_set_t set;
    int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    return cpus > 0 ? (unsigned)cpus : 1;
}

int batch_options_parse(int argc, char **argv, struct batch_command *c)
{
    struct batch_options *o = &c->batch;
    int option, r = 0;

    *c = (struct batch_command){.batch = {.jobs = default_jobs(),
                                          .kept = BATCH_BUNDLES_KEPT,
                                          .memory = LIMIT_NONE,
                                          .cpus = LIMIT_NONE,
                                          .timeout = LIMIT_NONE,
                                          .shard = 1,
                                          .shards = 1,
                                          .store = -1}};
    limits_clear(&o->grants.override);
    o->options = calloc((size_t)argc, sizeof *o->options);
    o->grants.what.item = calloc((size_t)argc, sizeof *o->grants.what.item);
    if (!o->options || !o->grants.what.item)
        return -cmd_fault(&(struct fault){STATUS_SETUP, 0, "batch", "out of memory"});
    optind = 1;
    while (r == 0 && (option = getopt_long(argc, argv, "f:j:o:l:g:vqh", longs, NULL)) != -1) {
        if (option == 'h')
            return cmd_help(help), 1;
        if (option == '?')
            return cmd_usage_told("batch"), -1;
        batch_options_set(c, option);
        r = take_value(c, option);
    }
    if (r == 0 && argc - optind > 1)
        r = cmd_usage("batch", "one bundle at most (jobs name others): \"%s\" is one too many",
                      argv[optind + 1]);
    if (r == 0)
        r = cmd_parent("batch", o->cgroup_parent);
    o->bundle = optind < argc ? argv[optind] : NULL;
    if (r == 0)
        r = check_paths(c);
    if (r == 0 && !o->bundle && o->grants.what.count)
        r = cmd_usage("batch",
                      "-g %s: a grant needs a BUNDLE on the command line; bundles that jobs name "
                      "get their grants from the policy (runbox-policy(5))",
                      o->grants.what.item[0]);
    return r ? -1 : 0;
}

void batch_options_free(struct batch_command *c)
{
    free(c->batch.options);
    free(c->batch.grants.what.item);
}
