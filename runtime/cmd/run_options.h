/* The command line of `runbox run`, as data. */
#ifndef CMD_RUN_OPTIONS_H
#define CMD_RUN_OPTIONS_H

#include <stdbool.h>

#include "runtime/plan/plan.h"

struct run_options {
    const char *bundle;
    const char *export;   /* NULL: none chosen */
    const char *arg;      /* JSON text, or NULL */
    const char *arg_file; /* "-" is stdin, or NULL */
    const char *keyring, *report, *result, *artifacts, *audit, *cgroup_parent;
    int store;            /* enum store, or -1 */
    struct pair *options; /* -o */
    size_t option_count;
    struct grants grants; /* -g and -l */
    bool json, no_color;
    int verbose; /* -q: -1 */
};

/* 0: continue; 1: done (--help), exit 0; -N: an error was printed, exit N. */
int run_options_parse(int argc, char **argv, struct run_options *o);
void run_options_free(struct run_options *o);

#endif
