/* The two policy files, and what they grant to one bundle. Trusts root for the host's, the user for
 * their own: a file that any other user could have written is an error. */
#include "runtime/state/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/meter.h"
#include "runtime/state/config.h"

static bool is_key(const char *grant)
{
    return strncmp(grant, "keyring:", 8) == 0;
}

/* Append the grants of E; keys only if it is BOUND to the bundle by more than a name. TO owns the
 * list; the document still owns the texts. */
static int append(struct names *to, const struct policy_entry *e, bool bound, bool *unbound)
{
    char **item = reallocarray(to->item, to->count + e->grants.count + 1, sizeof *item);

    if (!item)
        return -1;
    to->item = item;
    for (size_t i = 0; i < e->grants.count; i++) {
        if (bound || !is_key(e->grants.item[i]))
            item[to->count++] = e->grants.item[i];
        else
            *unbound = true;
    }
    return 0;
}

/* Follows links on the way to PATH, as opening the bundle did. While that is pinned, no other directory
 * can have its numbers. */
bool policy_is_directory(const char *path, const struct bundle *b)
{
    struct stat its, there;

    return b->pinned && fstat(b->root, &its) == 0 && stat(path, &there) == 0 &&
           its.st_dev == there.st_dev && its.st_ino == there.st_ino;
}

void policy_bind(struct policy *p, const struct bundle *b)
{
    for (int i = 0; i < POLICY__COUNT; i++)
        for (size_t k = 0; k < p->file[i].count; k++) {
            struct policy_entry *e = &p->file[i].entry[k];

            e->is_here = e->path && policy_is_directory(e->path, b);
        }
}

static int pick(const struct policy_file *file, const char *name, const struct bundle *b,
                struct names *grants, struct policy_grants *g, struct fault *why)
{
    for (size_t i = 0; i < file->count; i++) {
        const struct policy_entry *e = &file->entry[i];

        if (strcmp(e->name, "*") != 0 && strcmp(e->name, name) != 0)
            continue;
        if (e->digest && strcmp(e->digest, b->digest) != 0) {
            g->changed |= strcmp(e->name, name) == 0;
            continue;
        }
        if (e->path && !e->is_here)
            continue;
        if (append(grants, e, e->digest || e->path, &g->unbound) < 0)
            return fault_set(why, STATUS_SETUP, ENOMEM, POLICY_FILE, "reading it");
    }
    return 0;
}

int policy_pick(const struct policy *p, const char *name, const struct bundle *b,
                struct policy_grants *g, struct fault *why)
{
    const struct policy_file *host = &p->file[POLICY_OF_HOST], *user = &p->file[POLICY_OF_USER];

    *g = (struct policy_grants){.host_ceilings = host->ceilings, .user_ceilings = user->ceilings};
    if (pick(host, name, b, &g->host, g, why) < 0 || pick(user, name, b, &g->user, g, why) < 0)
        return -1;
    return 0;
}

void policy_drop(struct policy_grants *g)
{
    free(g->host.item);
    free(g->user.item);
    *g = (struct policy_grants){0};
}

static int policy_take(struct policy *p, enum policy_whose whose, const struct str *text,
                       const char *where, struct fault *why)
{
    struct policy_file *file = &p->file[whose];

    if (policy_file_read(text, where, file, why) < 0)
        return -1;
    meter_allow(file->steps, file->bytes);
    if (file->cgroup_parent) {
        p->cgroup_parent = file->cgroup_parent;
        snprintf(p->parent_where, sizeof p->parent_where, "%s: /cgroup_parent", where);
    }
    return 0;
}

static int take_host(struct policy *p, struct fault *why)
{
    autostr struct str text = {0};
    int there = config_read_at(AT_FDCWD, POLICY_HOST, POLICY_HOST, 0, CONFIG_TRUSTED, &text, why);

    return there > 0 ? policy_take(p, POLICY_OF_HOST, &text, POLICY_HOST, why) : there;
}

static int take_user(struct policy *p, struct fault *why)
{
    autostr struct str text = {0};
    char where[CONFIG_PATH_MAX];
    struct config c;
    int there = config_open(false, &c, why);

    if (there > 0)
        there = config_read(&c, POLICY_FILE, CONFIG_TRUSTED, &text, why);
    if (there > 0)
        there = policy_take(p, POLICY_OF_USER, &text, config_name(&c, POLICY_FILE, where), why);
    config_close(&c);
    return there;
}

int policy_load(struct policy *p, struct fault *why)
{
    *p = (struct policy){0};
    for (int i = 0; i < POLICY__COUNT; i++)
        limits_clear(&p->file[i].ceilings);
    meter_policy(NULL); /* do not ask again: the policies are read now */
    return take_host(p, why) < 0 || take_user(p, why) < 0 ? -1 : 0;
}

void policy_budget(void)
{
    struct policy p;
    struct fault ignored; /* reported when they are read for their grants */

    policy_load(&p, &ignored);
    policy_free(&p);
}

void policy_free(struct policy *p)
{
    for (int i = 0; i < POLICY__COUNT; i++)
        policy_file_free(&p->file[i]);
}
