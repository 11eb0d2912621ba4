/* The verbs: one file each. A verb takes its own argument vector (argv[0] is "runbox: " and its name, for
 * getopt_long()), prints, and returns the exit status of runbox(1). */
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

/* `runbox --version`. */
int cmd_version(void);

/* print.c: print "runbox: WHERE: WHAT" on stderr, control characters made visible; returns the exit
 * status for WHY's status. */
int cmd_fault(const struct fault *why);

/* print.c: print each finding as "runbox: WHERE:LINE:COLUMN: POINTER: MESSAGE", or that there was
 * no memory for one. */
void cmd_findings(const struct findings *f, const char *where);

/* Report a usage error: one line, and how to get help; returns 2. */
int cmd_usage(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same where getopt_long() has already said what is wrong. */
int cmd_usage_told(const char *verb);

/* Print HELP on stdout. If that fails, say so and exit with 125. */
void cmd_help(const char *help);

/* Check the file name PATH that WHAT (an option, or "BUNDLE") gave; NULL: none was given. 0, or the
 * status of a usage error: it is empty, or "-" where only STREAM allows a standard stream. */
int cmd_path(const char *verb, const char *what, const char *path, bool stream);

/* Check --grant TEXT for one of its forms: 0, or the status of a usage error. */
int cmd_grant(const char *verb, const char *text);

/* Check the name that --export gave; NULL: it was not given. 0, or the status of a usage error. */
int cmd_export(const char *verb, const char *name);

/* Check --cgroup-parent PATH: 0, or the status of a usage error if it does not start with '/'.
 * NULL: not given. */
int cmd_parent(const char *verb, const char *path);

/* Split "NAME=VALUE" at its first '=': 0, or -1 if it has none or no name. TEXT is changed. */
int cmd_pair(char *text, char **name, char **value);

#endif
