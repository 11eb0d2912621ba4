/* The start line of `runbox sandbox`: sn0int's (src/ipc/common.rs, StartCommand), which carries the
 * module's code. */
#ifndef WIRE_MODULE_H
#define WIRE_MODULE_H

#include "runtime/wire/caller.h"

struct module {
    struct json_object *root; /* the line; owns the texts below */
    const char *code;         /* .code_len bytes, then a NUL */
    size_t code_len;
    struct start start; /* arg, options, keyring, verbose */
};

/* Parse the line. It must have "module" with "script" and its "code"; arg, options, keyring,
 * verbose and blobs are checked; the rest is ignored, as in sn0int (dns_config, proxy and
 * user_agent are for a network, which a box lacks). 0, or -1 and *WHY (STATUS_INVALID). */
int module_parse(const char *line, size_t n, struct module *m, struct fault *why);
void module_free(struct module *m); /* overwrites its keys first */

/* Append to OUT the box's start line, including '\n', with every keyring entry: the author of the
 * line has granted them. 0, or -1 and *WHY (SETUP: no memory). */
int module_line(const struct module *m, struct str *out, struct fault *why);

#endif
