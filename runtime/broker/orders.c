/* Orders: each is of a fixed size, has its time, and is checked before anything is done for it. What the monitor asks for its box
 * is put together as a manifest of numbers and names, of which the broker makes the plan itself, from the grants that it knows:
 * the monitor's own plan is for messages alone. */
#include "runtime/broker/orders.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/sealed.h"
#include "bundles/shape.h"
#include "runtime/base/fd.h"
#include "runtime/broker/maker.h"
#include "runtime/caller/artifacts.h"
#include "runtime/caller/report.h"
#include "schemas/json.h"

/* ns behind the wall's limit after which the box is killed, whatever the monitor says: that counts not the time in which it
 * checks lines itself, some seconds at most. */
#define PATIENCE 60000000000ull

enum state { ASKING = 1, LIVE = 2, ENDED = 4, REMOVED = 8 };

struct orders {
    struct broker *b;
    enum state state;
    int room; /* of a module, until it has come; -1: none will */
    struct bundle_file file;
    struct bundle module;
    char name[ORDER_TEXT]; /* "" until it was said */
    struct names names[ASK__COUNT];
    struct mount_ask mounts[JAIL_MOUNTS];
    size_t mount_count;
    struct plan *plan;
    struct box_clock clock; /* ENDED: when it was seen to have */
    uint64_t deadline;      /* box_now(); 0: there is none */
    uint64_t artifacts;     /* finished */
    bool reported, kill_told;
};

static int breach_set(struct fault *breach, const char *what)
{
    return fault_set(breach, STATUS_SETUP, 0, "monitor", "was ended: it ordered %s", what);
}

static int answer(const struct orders *o, const void *answer, size_t n, int fd,
                  struct fault *breach)
{
    struct iovec iov = {(void *)answer, n};
    union {
        char bytes[CMSG_SPACE(sizeof fd)];
        struct cmsghdr aligned;
    } rights = {0};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    if (fd >= 0) {
        msg.msg_control = rights.bytes;
        msg.msg_controllen = sizeof rights.bytes;
        rights.aligned = (struct cmsghdr){CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&rights.aligned), &fd, sizeof fd);
    }
    /* Where one is lost by a passing error, the monitor would wait for it for ever: it is sent once more. */
    for (int tries = 0; tries < 2; tries++)
        if (sendmsg(o->b->socket, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
            return 0;
    if (errno == EPIPE || errno == ECONNRESET)
        return -1; /* it has ended: what is to be told of it, its end tells */
    return fault_set(breach, STATUS_SETUP, errno, "monitor",
                     "was ended: it does not take an answer");
}

/* R: 0, or -1 and *WHY. */
static int done(const struct orders *o, int r, const struct fault *why, int fd,
                struct fault *breach)
{
    struct answer_done a = {.kind = ANSWER_DONE, .failed = r};

    if (o->state == LIVE) {
        struct box_clock clock;

        box_clock(o->b->box, &clock);
        a.pid = o->b->box->pid;
        a.cpu = clock.cpu;
    }
    if (r < 0)
        a.why = *why;
    return answer(o, &a, sizeof a, fd, breach);
}

void broker_tell_bundle(struct broker *b, const struct bundle *bundle, struct fault *why)
{
    struct told_bundle t = {.kind = TOLD_BUNDLE, .failed = -1};
    struct fault unheard;
    size_t size = 0;
    autoclose int fd = bundle ? bundle_seal(bundle, &size, why) : -1;

    b->bundle = bundle;
    t.size = size;
    if (fd < 0)
        t.why = *why;
    else
        t.failed = 0;
    answer(b->orders, &t, sizeof t, fd, &unheard);
}

static bool has_policies(const struct policy *p)
{
    for (int i = 0; i < POLICY__COUNT; i++)
        if (p->file[i].root)
            return true;
    return false;
}

void broker_tell_site(struct broker *b, const struct site *site, struct fault *why)
{
    struct told_site t = {.kind = TOLD_SITE, .failed = -1};
    struct fault unheard;

    b->site = site;
    meter_allowed(&t.steps, &t.bytes);
    if (site) {
        t.failed = 0;
        t.policies = has_policies(&site->policy);
        t.host = site->host;
    } else {
        t.why = *why;
    }
    answer(b->orders, &t, sizeof t, -1, &unheard);
}

static bool is_text(const char *text, size_t size)
{
    return text[0] && memchr(text, '\0', size);
}

static int tell_grants(const struct orders *o, const struct names *names, bool host,
                       struct fault *breach)
{
    static struct told_grant g = {.kind = TOLD_GRANT};

    for (size_t i = 0; i < names->count; i++) {
        g.host = host;
        snprintf(g.text, sizeof g.text, "%s", names->item[i]);
        if (answer(o, &g, sizeof g, -1, breach) < 0)
            return -1;
    }
    return 0;
}

static int take_name(struct orders *o, const union order *u, struct fault *breach)
{
    struct answer_policy a = {.kind = ANSWER_POLICY};
    struct policy_grants g;
    int r;

    if (o->name[0] || !o->b->site || !o->b->bundle || !is_text(u->name.name, sizeof u->name.name) ||
        !shape_name(u->name.name))
        return breach_set(breach, "what no bundle is called");
    memcpy(o->name, u->name.name, sizeof o->name);
    r = policy_pick(&o->b->site->policy, o->name, o->b->bundle->digest, &g, breach);
    if (r == 0) {
        a.changed = g.changed;
        a.host_ceilings = g.host_ceilings;
        a.user_ceilings = g.user_ceilings;
        r = tell_grants(o, &g.host, true, breach);
    }
    if (r == 0)
        r = tell_grants(o, &g.user, false, breach);
    policy_drop(&g);
    return r < 0 ? -1 : answer(o, &a, sizeof a, -1, breach);
}

static int take_ask(struct orders *o, const union order *u, struct fault *breach)
{
    static bool (*const shapes[ASK__COUNT])(const char *text) = {
        [ASK_KEYRING] = shape_namespace,
        [ASK_SYSCALL] = shape_syscall,
        [ASK_CAPABILITY] = shape_namespace,
    };
    const struct order_ask *a = &u->ask;
    struct names *names = a->what < ASK__COUNT ? &o->names[a->what] : NULL;
    char *name, **item;

    if (!names || names->count == ORDER_ASKS || !is_text(a->name, sizeof a->name) ||
        !shapes[a->what](a->name))
        return breach_set(breach, "what no manifest can ask for");
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

static int take_mount(struct orders *o, const union order *u, struct fault *breach)
{
    const struct order_mount *m = &u->mount;
    struct mount_ask *kept = &o->mounts[o->mount_count];

    if (o->mount_count == JAIL_MOUNTS || m->inside > 1 || m->rw > 1 || (m->inside && m->rw) ||
        !is_text(m->source, sizeof m->source) || !is_text(m->target, sizeof m->target) ||
        !o->b->bundle ||
        !(m->inside ? shape_inside(m->source) && bundle_has(o->b->bundle, m->source)
                    : shape_absolute(m->source)) ||
        !shape_absolute(m->target) || !may_mount_at(o, m->target))
        return breach_set(breach, "a mount that no manifest can ask for");
    o->mount_count++;
    *kept = (struct mount_ask){strdup(m->source), strdup(m->target), m->inside != 0, m->rw != 0};
    if (kept->source && kept->target)
        return 0;
    return fault_set(breach, STATUS_SETUP, ENOMEM, "broker", "what is asked for");
}

/* Nobody can write there any more; the bytes are read and digested, and no one of them is looked at. */
static int take_module(struct orders *o, const union order *u, struct fault *breach)
{
    struct fault why = {0};
    struct stat st;
    char *bytes;
    int r = -1;

    (void)u;
    if (o->room < 0 || o->b->bundle)
        return breach_set(breach, "a module that nobody waits for");
    if (fcntl(o->room, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0 ||
        fstat(o->room, &st) < 0)
        return fault_set(breach, STATUS_SETUP, errno, "broker", "taking a module");
    if (st.st_size > WIRE_LINE_MAX)
        return breach_set(breach, "a module that is larger than a line");
    bytes = malloc((size_t)st.st_size + 1);
    if (bytes && pread(o->room, bytes, (size_t)st.st_size, 0) == st.st_size)
        r = 0;
    if (r < 0) {
        fault_set(&why, STATUS_SETUP, bytes ? errno : ENOMEM, "module", "reading it");
        free(bytes);
        return done(o, r, &why, -1, breach);
    }
    bytes[st.st_size] = '\0';
    o->file = (struct bundle_file){"main.lua", bytes, (size_t)st.st_size};
    o->module = (struct bundle){
        .path = o->b->module, .files = &o->file, .count = 1, .size = (uint64_t)st.st_size};
    bundle_digest(&o->file, 1, o->module.digest);
    o->b->bundle = &o->module;
    return done(o, 0, &why, -1, breach);
}

static bool is_sane(const struct orders *o, const struct order_box *b)
{
    if (!o->b->grants || !o->b->site || !o->b->bundle || b->files > o->b->checks ||
        b->profile > PROFILE_NETWORK || b->network > NETWORK_HOST || b->entry_named > 1 ||
        b->keys > 1 || b->texts < sizeof(struct setup_texts) || b->texts > INT32_MAX ||
        (b->keys && o->b->brings_keys) || (b->scratch && !limit_valid(LIMIT_OUTPUT, b->scratch)) ||
        !is_text(b->name, sizeof b->name) || !shape_name(b->name) ||
        (o->name[0] && strcmp(o->name, b->name) != 0) ||
        !is_text(b->hostname, sizeof b->hostname) || !shape_hostname(b->hostname) ||
        strlen(b->hostname) >= 65 ||
        (b->profile == PROFILE_COMPUTE && (b->scratch || o->mount_count)))
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

/* The plan is made anew, of what was asked for: 0; 1 and *WHY, where this host has not what it needs; -1: it goes beyond the
 * grants, or no manifest can ask for it. */
static int make_plan(struct orders *o, const struct order_box *b, struct fault *why)
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
    if (site_plan(o->b->site, o->b->bundle->digest, &m, o->b->grants, &o->plan, why) < 0)
        return why->status == STATUS_SETUP ? 1 : -1;
    if (o->b->module)
        o->plan->flags |= SETUP_SANDBOX;
    if (o->b->checks)
        o->plan->flags |= SETUP_CHECK | (b->files ? SETUP_FILES : 0);
    return plan_refusal(o->plan, why);
}

/* The keys go to the box before anybody else has its wire. Not before it is made: a child of a process that is not dumpable
 * belongs to root in /proc, and an ordinary user could not write its id maps. */
static int send_keys(struct orders *o, bool wanted, struct fault *why)
{
    autosecret struct str records = {.secret = true};
    int store = o->b->store, r = 0;
    struct json_object *entries = NULL;

    if (wanted && o->plan->keyring.count) {
        if (prctl(PR_SET_DUMPABLE, 0) < 0)
            return fault_set(why, STATUS_SETUP, errno, "keyring", "closing this process to others");
        r = keyring_load(store < 0 ? store_default() : (enum store)store, &o->plan->keyring,
                         &entries, why);
    }
    if (r == 0)
        r = keyring_records(entries, &records, why);
    json_wipe(entries);
    return r < 0 ? -1 : box_send(o->b->box, records.data, records.len, why);
}

static void begin(struct orders *o)
{
    uint64_t wall = o->plan->limits[LIMIT_WALL_TIME].effective, now = box_now();

    o->state = LIVE;
    o->deadline = wall < UINT64_MAX / 2 ? now + wall + PATIENCE : 0;
}

static int take_box(struct orders *o, const union order *u, struct fault *breach)
{
    struct broker *b = o->b;
    struct fault why = {0};
    int r = is_sane(o, &u->box) ? make_plan(o, &u->box, &why) : -1;

    if (r < 0)
        return breach_set(breach, "a box beyond what was granted");
    o->state = REMOVED;
    if (r == 0) {
        r = box_create_bare(&b->box, o->plan, b->bundle, &b->site->cgroups, u->box.texts, &why);
        if (r == 0)
            r = send_keys(o, u->box.keys != 0, &why);
        if (r == 0)
            begin(o);
    }
    r = done(o, r ? -1 : 0, &why, r ? -1 : b->box->wire, breach);
    if (o->state == LIVE)
        close(steal_fd(&b->box->wire));
    return r;
}

static int take_clock(struct orders *o, const union order *u, struct fault *breach)
{
    struct answer_clock a = {.kind = ANSWER_CLOCK, .clock = o->clock};

    (void)u;
    if (o->state == LIVE)
        box_clock(o->b->box, &a.clock);
    return answer(o, &a, sizeof a, -1, breach);
}

static int kill_box(struct orders *o, struct fault *breach)
{
    struct told_kill_refused t = {.kind = TOLD_KILL_REFUSED};

    if (o->state != LIVE)
        return 0;
    box_kill(o->b->box);
    o->deadline = 0;
    if (!o->b->box->kill_failed || o->kill_told)
        return 0;
    o->kill_told = true;
    t.error = o->b->box->kill_errno;
    return answer(o, &t, sizeof t, -1, breach);
}

static int take_kill(struct orders *o, const union order *u, struct fault *breach)
{
    (void)u;
    return kill_box(o, breach);
}

static int take_artifact(struct orders *o, const union order *u, struct fault *breach)
{
    const struct order_artifact *a = &u->artifact;
    struct fault why = {0};
    int fd;

    if (!o->b->artifacts || !is_text(a->name, sizeof a->name) || !artifacts_may_name(a->name))
        return breach_set(breach, "an artifact that it may not make");
    fd = artifacts_begin(o->b->artifacts, a->name);
    if (fd < 0)
        why.err = errno;
    return done(o, fd < 0 ? -1 : 0, &why, fd, breach);
}

static int take_artifact_done(struct orders *o, const union order *u, struct fault *breach)
{
    struct fault why = {0};
    int r;

    (void)u;
    if (!o->b->artifacts || ++o->artifacts > o->plan->limits[LIMIT_ARTIFACTS].effective)
        return breach_set(breach, "an artifact that it may not make");
    r = artifacts_finish(o->b->artifacts);
    if (r < 0)
        why.err = errno;
    return done(o, r, &why, -1, breach);
}

/* The monitor need not know of a group that stays. */
static void remove_box(struct broker *b)
{
    b->orders->deadline = 0;
    b->stays = box_delete(b->box, &b->left) < 0;
    b->box = NULL;
}

static int write_report(struct orders *o, struct report *r, struct fault *why)
{
    o->reported = true;
    snprintf(r->digest, sizeof r->digest, "%s", o->b->bundle ? o->b->bundle->digest : "");
    return report_write(r, o->b->report, o->b->signals, why);
}

/* Not while the box lives: a FIFO or a terminal may be waited for. */
static int take_report(struct orders *o, const union order *u, struct fault *breach)
{
    struct report r = u->report.report;
    struct fault why = {0};

    if (!o->b->report || o->reported || !report_is_sane(&r))
        return breach_set(breach, "a report that nobody asked for");
    return done(o, write_report(o, &r, &why), &why, -1, breach);
}

void orders_failed(struct orders *o, const struct fault *why)
{
    struct report r = {.status = why->status};
    struct fault unheard;

    if (!o->b->report || o->reported)
        return;
    snprintf(r.message, sizeof r.message, "%.500s: %.1000s", why->where, why->what);
    write_report(o, &r, &unheard);
}

static int take_remove(struct orders *o, const union order *u, struct fault *breach)
{
    (void)u;
    o->state = REMOVED;
    remove_box(o->b);
    return done(o, 0, NULL, -1, breach);
}

static const struct {
    size_t size;
    unsigned when; /* states */
    int (*take)(struct orders *o, const union order *u, struct fault *breach);
} table[ORDER__COUNT] = {
    [ORDER_NAME] = {sizeof(struct order_name), ASKING, take_name},
    [ORDER_ASK] = {sizeof(struct order_ask), ASKING, take_ask},
    [ORDER_MOUNT] = {sizeof(struct order_mount), ASKING, take_mount},
    [ORDER_MODULE] = {sizeof(struct order_plain), ASKING, take_module},
    [ORDER_BOX] = {sizeof(struct order_box), ASKING, take_box},
    [ORDER_CLOCK] = {sizeof(struct order_plain), LIVE | ENDED, take_clock},
    [ORDER_KILL] = {sizeof(struct order_plain), LIVE | ENDED, take_kill},
    [ORDER_ARTIFACT] = {sizeof(struct order_artifact), LIVE | ENDED, take_artifact},
    [ORDER_ARTIFACT_DONE] = {sizeof(struct order_plain), LIVE | ENDED, take_artifact_done},
    [ORDER_REPORT] = {sizeof(struct order_report), ASKING | ENDED | REMOVED, take_report},
    [ORDER_REMOVE] = {sizeof(struct order_plain), ASKING | LIVE | ENDED | REMOVED, take_remove},
};

int orders_take(struct orders *o, struct fault *breach)
{
    static union order last; /* not on the stack, whose every page it would touch */
    union order *u = &last;
    ssize_t n = recv(o->b->socket, u, sizeof *u, MSG_DONTWAIT | MSG_TRUNC);

    /* ECONNRESET: it has ended, and had not taken all that it was told. */
    if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNRESET)
        return fault_set(breach, STATUS_SETUP, errno, "broker", "hearing the monitor");
    if (n <= 0)
        return 0; /* the end, or nothing: poll(2) tells which */
    if ((size_t)n < sizeof u->kind || u->kind == 0 || u->kind >= ORDER__COUNT ||
        (size_t)n != table[u->kind].size)
        return breach_set(breach, "what is no order");
    if (!(table[u->kind].when & o->state))
        return breach_set(breach, "something out of its turn");
    return table[u->kind].take(o, u, breach);
}

static int tell_violation(struct orders *o, struct fault *breach)
{
    struct box *box = o->b->box;
    struct told_violation t = {.kind = TOLD_VIOLATION};

    box_violation(box);
    if (!box->violated)
        return 0;
    t.call = box->call;
    memcpy(t.noted, box->noted, sizeof t.noted);
    /* Killed first: a listener that nobody has any more lets the call go on. */
    if (kill_box(o, breach) < 0)
        return -1;
    return answer(o, &t, sizeof t, -1, breach);
}

static int tell_end(struct orders *o, struct fault *breach)
{
    struct box *box = o->b->box;
    struct told_ended t = {.kind = TOLD_ENDED};
    int status = 0, r;

    box_clock(box, &o->clock);
    if (box_reap(box, &status, &t.used) < 0) {
        if (errno == EINTR)
            return 0; /* it is asked again */
        status = BOX_LOST;
        box->pid = 0;
    }
    o->state = ENDED;
    o->deadline = 0;
    t.status = status;
    t.clock = o->clock;
    box_usage(box, &t.usage);
    if (status != BOX_LOST && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        t.whose = box_oom(box, &t.oom);
    r = answer(o, &t, sizeof t, -1, breach);
    remove_box(o->b); /* while the monitor tells its caller */
    return r;
}

int orders_look(struct orders *o, short listener, short process, struct fault *breach)
{
    if (o->state != LIVE)
        return 0;
    if (listener & POLLIN && tell_violation(o, breach) < 0)
        return -1;
    if (listener & POLLHUP && o->b->box->listener >= 0) /* no task is left behind the filter */
        close(steal_fd(&o->b->box->listener));
    if (process && tell_end(o, breach) < 0)
        return -1;
    return o->deadline && box_now() >= o->deadline ? kill_box(o, breach) : 0;
}

int orders_left(const struct orders *o)
{
    uint64_t now = box_now(), ms;

    if (!o->deadline)
        return -1;
    ms = o->deadline > now ? (o->deadline - now) / 1000000 + 1 : 0;
    return ms > 3600000 ? 3600000 : (int)ms;
}

int orders_room(const struct orders *o)
{
    return o->room;
}

const struct box *orders_box(const struct orders *o)
{
    return o->state == LIVE ? o->b->box : NULL;
}

int orders_open(struct broker *b, struct fault *why)
{
    b->orders = calloc(1, sizeof *b->orders);
    if (!b->orders)
        return fault_set(why, STATUS_SETUP, ENOMEM, "broker", "its orders");
    b->orders->b = b;
    b->orders->state = ASKING;
    b->orders->room =
        b->module ? memfd_create("runbox-module", MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;
    if (b->module && b->orders->room < 0)
        return fault_set(why, STATUS_SETUP, errno, "broker", "memory for the module");
    return 0;
}

void orders_close(struct broker *b)
{
    struct orders *o = b->orders;

    if (b->box)
        remove_box(b);

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
    free(o);
    b->orders = NULL;
}
