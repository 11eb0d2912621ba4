/* Inside state/: a policy file as a document. */
#ifndef STATE_POLICY_FILE_H
#define STATE_POLICY_FILE_H

#include <stdbool.h>

#include "runtime/base/str.h"
#include "schemas/fault.h"
#include "schemas/limits.h"
#include "schemas/manifest.h"

struct json_object;

struct policy_entry {
    const char *name;    /* of bundles; "*" matches all */
    const char *digest;  /* NULL: any */
    const char *path;    /* of the bundle's directory; NULL: anywhere */
    bool is_here;        /* ... and the bundle at hand was read from it: policy_bind() */
    struct names grants; /* the entry owns the list, the document the texts */
};

struct policy_file {
    struct limits ceilings;
    uint64_t steps, bytes; /* the budget of each bundle; 0: the default */
    const char *cgroup_parent;
    struct policy_entry *entry;
    size_t count;
    struct json_object *root;
};

/* Parse TEXT, called WHERE in *WHY, as a policy. 0, or -1 and *WHY (INVALID: the first fault, with
 * its place). policy_file_free() in either case. */
int policy_file_read(const struct str *text, const char *where, struct policy_file *file,
                     struct fault *why);
void policy_file_free(struct policy_file *file);

#endif
