/* What the two halves of `runbox run` share: run.c, the process that was started, with its caller's
 * privileges; run_monitor.c, its unprivileged child, which handles all that a bundle or caller
 * wrote. */
#ifndef CMD_RUN_PARTS_H
#define CMD_RUN_PARTS_H

#include "bundles/bundle.h"
#include "bundles/manifest.h"
#include "runtime/broker/broker.h"
#include "runtime/caller/caller.h"
#include "runtime/cmd/input.h"
#include "runtime/cmd/run_options.h"
#include "runtime/host/resolve.h"
#include "runtime/monitor/watch.h"
#include "runtime/wire/caller.h"

struct remote;

struct run {
    struct run_options options;
    struct input_file arg_file, keyring;
    bool arg_is_file;      /* what stands after --arg is also a file's name */
    struct bundle *bundle; /* each process has its own */
    struct site site;

    struct broker broker;
    struct remote *remote; /* the monitor's */
    struct manifest *manifest;
    const struct export *export; /* of .manifest: what is called */
    struct findings findings;
    const char *findings_of; /* the document that .findings are about */
    struct plan *plan;
    struct box *box;
    struct start start;
    struct person person;
    struct caller *caller; /* in .person, also for a caller on JSON lines */
    struct report report;
    struct watch watch;
    struct meter work; /* what the bundle has cost so far */
    int signals;
    int result;   /* what the monitor has of it, a file in memory; -1: no --result */
    bool unheard; /* told to stop, and the reader takes nothing */
};

/* run_monitor.c: the whole child, from the manifest to the exit line. Its exit status. */
int run_monitor(struct run *r, const struct broker_wire *wire);

/* run_monitor.c: make a failure before or beside the run its report. A person sees all findings. */
void run_fault(struct run *r, const struct fault *why);

/* run.c: write the report to its file: through the broker where there is one. 0, or -1 and *WHY. */
int run_report(const struct run *r, struct fault *why);

/* run_monitor.c: output, report, exit line. */
void run_tell(struct run *r);

#endif
