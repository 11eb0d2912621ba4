/* Assembles what the monitor asks for its box into a manifest of numbers and names, from which the
 * broker makes the plan itself, under the grants that it knows. The monitor's own plan is for
 * messages only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/shape.h"
#include "runtime/base/fd.h"
#include "runtime/broker/orders_parts.h"
#include "schemas/setup.h"

static int tell_grants(const struct orders *o, const struct names *names, bool host,
                       struct fault *breach)
{
    static struct notice_grant g = {.kind = NOTICE_GRANT};

    for (size_t i = 0; i < names->count; i++) {
        g.host = host;
        snprintf(g.text, sizeof g.text, "%s", names->item[i]);
        if (orders_answer(o, &g, sizeof g, -1, breach) < 0)
            return -1;
    }
    return 0;
}

int asks_take_name(struct orders *o, const union order *u, struct fault *breach)
{
    struct answer_policy a = {.kind = ANSWER_POLICY};
    struct policy_grants g;
    int r;

    if (o->name[0] || (o->b->neutral && strncmp(o->b->neutral->name, u->name.name, ORDER_TEXT)) ||
        !o->b->site || !o->b->bundle || !orders_is_text(u->name.name, sizeof u->name.name) ||
        !shape_name(u->name.name))
        return orders_breach(breach, "what no bundle is called");
    memcpy(o->name, u->name.name, sizeof o->name);
    r = policy_pick(&o->b->site->policy, o->name, o->b->bundle, &g, breach);
    if (r == 0) {
        a.changed = g.changed;
        a.unbound = g.unbound;
        a.host_ceilings = g.host_ceilings;
        a.user_ceilings = g.user_ceilings;
        r = tell_grants(o, &g.host, true, breach);
    }
    if (r == 0)
        r = tell_grants(o, &g.user, false, breach);
    policy_drop(&g);
    return r < 0 ? -1 : orders_answer(o, &a, sizeof a, -1, breach);
}

int asks_take_ask(struct orders *o, const union order *u, struct fault *breach)
{
    static bool (*const shapes[ASK__COUNT])(const char *text) = {
        [ASK_KEYRING] = shape_namespace,
        [ASK_SYSCALL] = shape_syscall,
        [ASK_CAPABILITY] = shape_namespace,
    };
    const struct order_ask *a = &u->ask;
    struct names *names = a->what < ASK__COUNT ? &o->names[a->what] : NULL;
    char *name, **item;

    if (!names || names->count == ORDER_ASKS || !orders_is_text(a->name, sizeof a->name) ||
        !shapes[a->what](a->name))
        return orders_breach(breach, "what no manifest can ask for");
    name = strdup(a->name);
    item = reallocarray(names->item, names->count + 1, sizeof *item);
    if (item)
        names->item = item;
    if (!name || !item) {
        free(name);
        return fault_set(breach, STATUS_SETUP, ENOMEM, "broker", "what is asked for");
    }
    item[names->count++] = name;
    return 0;
}

static bool may_mount_at(const struct orders *o, const char *target)
{
    static const char *const taken[] = {"/proc", "/sys", "/dev", "/bundle"};

    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (shape_below(target, taken[i]))
            return false;
    for (size_t i = 0; i < o->mount_count; i++)
        if (shape_below(target, o->mounts[i].target) || shape_below(o->mounts[i].target, target))
            return false;
    return true;
}

int asks_take_mount(struct orders *o, const union order *u, struct fault *breach)
{
    const struct order_mount *m = &u->mount;
    struct mount_ask *kept = &o->mounts[o->mount_count];

    if (o->mount_count == JAIL_MOUNTS || m->inside > 1 || m->rw > 1 || (m->inside && m->rw) ||
        !orders_is_text(m->source, sizeof m->source) ||
        !orders_is_text(m->target, sizeof m->target) || !o->b->bundle ||
        !(m->inside ? shape_inside(m->source) && bundle_has(o->b->bundle, m->source)
                    : shape_absolute(m->source)) ||
        !shape_absolute(m->target) || !may_mount_at(o, m->target))
        return orders_breach(breach, "a mount that no manifest can ask for");
    o->mount_count++;
    *kept = (struct mount_ask){strdup(m->source), strdup(m->target), m->inside != 0, m->rw != 0};
    if (kept->source && kept->target)
        return 0;
    return fault_set(breach, STATUS_SETUP, ENOMEM, "broker", "what is asked for");
}

/* Seal the room against writing; then read and digest the bytes, but interpret none of them. */
int asks_take_module(struct orders *o, const union order *u, struct fault *breach)
{
    struct fault why = {0};
    struct stat st;
    char *bytes;

    (void)u;
    if (!o->b->module || o->b->bundle)
        return orders_breach(breach, "a module that nobody waits for");
    if (fcntl(o->room, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0 ||
        fstat(o->room, &st) < 0) {
        fault_set(&why, STATUS_SETUP, errno, "module", "taking it");
        return orders_done(o, -1, &why, -1, breach);
    }
    if (st.st_size > WIRE_LINE_MAX)
        return orders_breach(breach, "a module that is larger than a line");
    bytes = malloc((size_t)st.st_size + 1);
    if (!bytes) {
        fault_set(&why, STATUS_SETUP, ENOMEM, "module", "reading it");
        return orders_done(o, -1, &why, -1, breach);
    }
    if (pread(o->room, bytes, (size_t)st.st_size, 0) != st.st_size) {
        fault_set(&why, STATUS_SETUP, errno, "module", "reading it");
        free(bytes);
        return orders_done(o, -1, &why, -1, breach);
    }
    bytes[st.st_size] = '\0';
    o->file = (struct bundle_file){"main.lua", bytes, (size_t)st.st_size};
    o->module = (struct bundle){
        .path = o->b->module, .files = &o->file, .count = 1, .size = (uint64_t)st.st_size};
    bundle_digest(&o->file, 1, o->module.digest);
    o->b->bundle = &o->module;
    return orders_done(o, 0, &why, -1, breach);
}

int asks_take_file(struct orders *o, const union order *u, struct fault *breach)
{
    const struct order_file *f = &u->file;
    struct fault why = {0};
    autoclose int fd = -1;

    if (f->index >= o->b->file_count || strcmp(o->b->files[f->index], "-") == 0)
        return orders_breach(breach, "a file that the command line does not name");
    /* The monitor, not the broker, waits for a FIFO's writer. */
    fd = open(o->b->files[f->index], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        why.err = errno;
    return orders_done(o, fd < 0 ? -1 : 0, &why, fd, breach);
}

int asks_take_grant(struct orders *o, const union order *u, struct fault *breach)
{
    const struct policy_change *c = o->b->change;
    struct fault why = {0};

    if (!c || o->granted || (!c->revoke && !o->b->bundle) ||
        !orders_is_text(u->name.name, sizeof u->name.name) || !shape_name(u->name.name))
        return orders_breach(breach, "a grant that nobody asked for");
    o->granted = true;
    return orders_done(o, policy_change(c, u->name.name, o->b->bundle, &why), &why, -1, breach);
}

/* Whether B asks for nothing but what .neutral allows. */
static bool is_neutral(const struct orders *o, const struct order_box *b)
{
    const struct neutral *n = o->b->neutral;

    for (int i = 0; i < ASK__COUNT; i++)
        if (o->names[i].count)
            return false;
    for (int i = 0; i < RLIM__COUNT; i++) {
        unsigned char set;

        memcpy(&set, &b->rlimits[i].set, sizeof set);
        if (set)
            return false;
    }
    return strncmp(n->name, b->name, sizeof b->name) == 0 && !o->mount_count && !b->keys &&
           !b->scratch && b->profile == PROFILE_COMPUTE && b->network == NETWORK_NONE &&
           memcmp(&n->limits, &b->asked, sizeof b->asked) == 0;
}

bool asks_are_sane(const struct orders *o, const struct order_box *b)
{
    if (!o->b->grants || !o->b->site || !o->b->bundle || b->files > o->b->checks ||
        (b->kind == ORDER_PLAN) != (o->b->pooled > 0) || b->profile > PROFILE_NETWORK ||
        b->network > NETWORK_HOST || b->entry_named > 1 || b->keys > 1 ||
        b->texts < sizeof(struct setup_texts) || b->texts > INT32_MAX ||
        (b->keys && o->b->brings_keys) || (b->scratch && !limit_valid(LIMIT_OUTPUT, b->scratch)) ||
        !orders_is_text(b->name, sizeof b->name) || !shape_name(b->name) ||
        (o->name[0] && strcmp(o->name, b->name) != 0) ||
        !orders_is_text(b->hostname, sizeof b->hostname) || !shape_hostname(b->hostname) ||
        strlen(b->hostname) >= 65 ||
        (b->profile == PROFILE_COMPUTE && (b->scratch || o->mount_count)))
        return false;
    if (o->b->neutral && !is_neutral(o, b))
        return false;
    for (size_t i = 0; i < o->mount_count; i++)
        if (b->scratch && shape_below(o->mounts[i].target, "/tmp"))
            return false;
    for (int i = 0; i < LIMIT__COUNT; i++)
        if (b->asked.value[i] != LIMIT_NONE && !limit_valid((enum limit)i, b->asked.value[i]))
            return false;
    for (int i = 0; i < RLIM__COUNT; i++) {
        unsigned char set;

        memcpy(&set, &b->rlimits[i].set, sizeof set);
        if (set > 1 || (set && b->rlimits[i].soft > b->rlimits[i].hard))
            return false;
    }
    return true;
}

int asks_plan(struct orders *o, const struct order_box *b, const struct grants *g,
              struct plan **plan, struct fault *why)
{
    static char main_file[] = "main.lua", version[] = "0", entry[] = "run";
    struct order_box kept = *b;
    struct manifest m = {
        .name = kept.name,
        .version = version,
        .main = main_file,
        .entry = entry,
        .entry_named = b->entry_named != 0,
        .keyring_access = o->names[ASK_KEYRING],
        .allow = o->names[ASK_SYSCALL],
        .capabilities = o->names[ASK_CAPABILITY],
        .asked = b->asked,
        .profile = (enum profile)b->profile,
        .network = (enum network)b->network,
        .hostname = kept.hostname,
        .scratch = b->scratch,
        .mount_count = o->mount_count,
        .mounts = o->mounts,
    };

    memcpy(m.rlimits, b->rlimits, sizeof m.rlimits);
    if (site_plan(o->b->site, o->b->bundle, &m, g, plan, why) < 0)
        return why->status == STATUS_SETUP ? 1 : -1;
    if (o->b->module)
        (*plan)->flags |= SETUP_SANDBOX;
    if (o->b->checks)
        (*plan)->flags |= SETUP_CHECK | (b->files ? SETUP_FILES : 0);
    return plan_refusal(*plan, why);
}

void asks_free(struct orders *o)
{
    for (int i = 0; i < ASK__COUNT; i++) {
        for (size_t k = 0; k < o->names[i].count; k++)
            free(o->names[i].item[k]);
        free(o->names[i].item);
    }
    for (size_t i = 0; i < o->mount_count; i++) {
        free(o->mounts[i].source);
        free(o->mounts[i].target);
    }
    if (o->room >= 0)
        close(o->room);
    free((char *)(uintptr_t)o->file.bytes);
    plan_free(o->plan);
}
