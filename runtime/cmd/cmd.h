/* The verbs: one file each. A verb takes its own argument vector (argv[0] is its name), prints, and
 * returns the exit status of runbox(1). */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>

#include "bundles/bundle.h"
#include "bundles/manifest.h"
#include "runtime/json/finding.h"
#include "schemas/fault.h"

int cmd_run(int argc, char **argv);
int cmd_batch(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_keyring(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_describe(int argc, char **argv);
int cmd_new(int argc, char **argv);
int cmd_schema(int argc, char **argv);
int cmd_validate(int argc, char **argv);
int cmd_sandbox(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_stats(int argc, char **argv);

/* print.c: "runbox: WHERE: WHAT" on stderr, control characters made visible; returns the exit
 * status of WHY's status. */
int cmd_fault(const struct fault *why);

/* print.c: every finding as "runbox: WHERE:LINE:COLUMN: POINTER: MESSAGE"; or that there was no memory for one. */
void cmd_findings(const struct findings *f, const char *where);

/* A usage error: one line and where help is; returns 2. */
int cmd_usage(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* HELP on stdout. Where that fails, says so and ends the process with 125. */
void cmd_help(const char *help);

/* A file's name, which WHAT (an option, or "BUNDLE") gave; NULL: none was given. 0, or the status of a usage error:
 * it is empty, or "-" where the option has no standard stream (STREAM: it has one). */
int cmd_path(const char *verb, const char *what, const char *path, bool stream);

/* --grant TEXT of one of the forms: 0, or the status of a usage error. */
int cmd_grant(const char *verb, const char *text);

/* --cgroup-parent PATH: 0, or the status of a usage error where it does not begin at '/'. NULL: none was given. */
int cmd_parent(const char *verb, const char *path);

/* "NAME=VALUE" cut at its '=': 0, or -1 where there is none. TEXT is changed. */
int cmd_pair(char *text, char **name, char **value);

#endif
