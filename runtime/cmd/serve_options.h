/* The command line of `runbox serve`, as data. */
#ifndef CMD_SERVE_OPTIONS_H
#define CMD_SERVE_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/plan/plan.h"

struct serve_line {
    const char *socket, *cgroup_parent, *audit;
    char **bundles;
    unsigned bundle_count;
    unsigned max, queue, warm, connections;
    uint64_t idle_ns, drain_ns;
    uid_t *uids;
    size_t uid_count;
    int store; /* enum store, or -1 */
    bool fresh;
    struct grants grants; /* -g and -l */
};

/* 0: continue; 1: done (--help), exit 0; -1: a usage error was printed, exit 2; another -N: an
 * error was printed, exit N. */
int serve_options_parse(int argc, char **argv, struct serve_line *o);
void serve_options_free(struct serve_line *o);

#endif
