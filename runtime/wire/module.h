/* The start line of `runbox sandbox`: sn0int's (src/ipc/common.rs, StartCommand), which carries the
 * module's code. */
#ifndef WIRE_MODULE_H
#define WIRE_MODULE_H

#include "runtime/wire/caller.h"

struct module {
    struct json_object *root; /* the line, which owns the texts below */
    const char *code;         /* .code_len bytes, then a NUL */
    size_t code_len;
    struct start start; /* arg, options, keyring, verbose */
};

/* Parse the line. What it must have is "module" with "script"; what else it has is checked where the
 * library or sn0int knows it (dns_config, proxy and user_agent are for networks, which a box has not),
 * and otherwise ignored, as sn0int does. 0, or -1 with *WHY (STATUS_INVALID). */
int module_parse(const char *line, size_t n, struct module *m, struct fault *why);
void module_free(struct module *m); /* what it holds of keys is overwritten first */

/* Append to OUT the start line for the box ('\n' included), with every entry of the keyring: who wrote
 * the line has granted them. 0, or -1 and *WHY (SETUP: no memory). */
int module_line(const struct module *m, struct str *out, struct fault *why);

#endif
