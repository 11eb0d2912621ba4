/* Which of the requested mounts a box gets. A path is judged as text, so it must be literal: no
 * "..", "." or empty component. jail/mounts.c opens it without following links, so that what was
 * granted is what is mounted. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/json/brief.h"
#include "runtime/json/finding.h"
#include "runtime/plan/grant_mount.h"
#include "runtime/plan/parts.h"

static bool plain_path(const char *path)
{
    if (*path == '/')
        path++;
    while (*path) {
        size_t n = strcspn(path, "/");

        if (n == 0 || strncmp(path, ".", n) == 0 || (n == 2 && strncmp(path, "..", 2) == 0))
            return false;
        path += n;
        if (*path == '/' && *++path == '\0')
            return false;
    }
    return true;
}

static int add_mount(struct plan *p, const struct mount_ask *ask)
{
    struct plan_mount *got = &p->mounts[p->mount_count++];

    got->source = strdup(ask->source);
    got->target = strdup(ask->target);
    got->inside = ask->inside;
    got->rw = ask->rw;
    return got->source && got->target ? 0 : -1;
}

/* Whether it is granted in the mode asked for. 1 or 0; -1 and *WHY. */
static int ask_outside(struct plan *p, const struct ask *a, const struct mount_ask *ask,
                       struct fault *why)
{
    autostr struct str value = {0};

    mount_grant_text(ask->source, ask->rw, &value);
    return value.failed ? plan_no_memory(why) : grants_ask(p, a->grants, "mount", value.data, why);
}

static int ask_mount(struct plan *p, const struct ask *a, size_t i, struct fault *why)
{
    const struct mount_ask *ask = &a->manifest->mounts[i];
    char shown[BRIEF];
    int given = 1;

    if (!plain_path(ask->source) || (ask->source[0] == '/') == ask->inside)
        return fault_set(why, STATUS_INVALID, 0, "manifest.json",
                         "/filesystem/mounts/%zu/source: %s must be %s, without \".\" and \"..\"",
                         i, brief_text(ask->source, shown),
                         ask->inside ? "a path inside the bundle" : "an absolute path");
    if (!ask->inside)
        given = ask_outside(p, a, ask, why);
    if (given < 0)
        return -1;
    return given && add_mount(p, ask) < 0 ? plan_no_memory(why) : 0;
}

int plan_mounts(struct plan *p, const struct ask *a, struct fault *why)
{
    const struct manifest *m = a->manifest;

    if (m->mount_count == 0)
        return 0;
    p->mounts = calloc(m->mount_count, sizeof *p->mounts);
    if (!p->mounts)
        return plan_no_memory(why);
    for (size_t i = 0; i < m->mount_count; i++)
        if (ask_mount(p, a, i, why) < 0)
            return -1;
    return 0;
}
