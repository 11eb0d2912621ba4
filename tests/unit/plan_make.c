/* plan_make() where golden plans do not reach: which grant answers which path, hostile texts in a
 * refusal, and ceilings to the unit. */
#include <string.h>

#include "bundles/manifest.h"
#include "runtime/base/str.h"
#include "runtime/plan/plan.h"
#include "tests/unit/tap.h"

static const struct host rootful = {
    .root = true,
    .uid_base = 500000000,
    .user_namespaces = true,
    .cpus = 2,
    .controllers = {HIERARCHY_V1, HIERARCHY_V1, HIERARCHY_V1, HIERARCHY_NONE},
    .rlimit_hard = {[0 ... RLIM__COUNT - 1] = UINT64_MAX},
};

/* The manifest of TEXT's members, which must be right. */
static struct manifest *manifest(const char *members)
{
    struct findings found = {0};
    struct manifest *m = NULL;
    autostr struct str text = {0};
    struct fault why;

    str_addf(&text, "{\"runbox\":1,\"name\":\"t\",\"version\":\"1.0.0\"%s%s}", *members ? "," : "",
             members);
    if (manifest_read(text.data, text.len, "test", NULL, &m, &found, &why) < 0)
        ok(false, "manifest: %s: %s", why.where, why.what);
    findings_free(&found);
    return m;
}

/* The plan of MEMBERS under the one GRANT (or none). NULL with *WHY filled. */
static struct plan *plan_of(const char *members, const char *grant, struct fault *why)
{
    char *items[] = {(char *)grant};
    struct grants g = {.what = {grant ? 1 : 0, items}};
    struct manifest *m = manifest(members);
    struct plan *p = NULL;

    limits_clear(&g.override);
    if (!m || plan_make(m, &g, &rootful, &p, why) < 0)
        p = NULL;
    manifest_free(m);
    return p;
}

static bool refused(const char *members, const char *grant)
{
    struct fault why;
    struct plan *p = plan_of(members, grant, &why);
    bool is = p && plan_refusal(p, &why) < 0 && why.status == STATUS_REFUSED;

    plan_free(p);
    return is;
}

static bool fails(const char *members, const char *grant, enum status status)
{
    struct fault why = {0};
    struct plan *p = plan_of(members, grant, &why);
    bool is = !p && why.status == status && why.what[0];

    plan_free(p);
    return is;
}

#define MOUNT_AS(source, mode)                                                              \
    "\"seccomp\":{\"profile\":\"files\"},\"filesystem\":{\"mounts\":[{\"source\":\"" source \
    "\",\"target\":\"/in\",\"mode\":\"" mode "\"}]}"
#define MOUNT(source) MOUNT_AS(source, "ro")

static void check_mounts(void)
{
    ok(!refused(MOUNT("/srv/data"), "mount:/srv/data"), "the path itself");
    ok(!refused(MOUNT("/srv/data/x/y"), "mount:/srv/data"), "a path below");
    ok(!refused(MOUNT("/srv/data/x"), "mount:/srv/data///"), "a grant with slashes at its end");
    ok(!refused(MOUNT("/srv"), "mount:/"), "everything");
    ok(refused(MOUNT("/srv/data2"), "mount:/srv/data"), "a longer name");
    ok(refused(MOUNT("/srv"), "mount:/srv/data"), "a path above");
    ok(refused(MOUNT("/srv/data"), "mount:/srv/data/x"), "a grant below");
    ok(refused(MOUNT("/srv/data"), "network:host"), "a grant of another kind");
    ok(!refused(MOUNT("data"), NULL), "a path of the bundle needs none");
}

static void check_mount_modes(void)
{
    ok(refused(MOUNT_AS("/srv", "rw"), "mount:/srv"), "rw under a grant that says no mode");
    ok(refused(MOUNT_AS("/srv", "rw"), "mount:/srv:ro"), "rw under ro");
    ok(refused(MOUNT_AS("/srv", "rw"), "mount:/"), "rw under a read-only grant of everything");
    ok(!refused(MOUNT_AS("/srv", "rw"), "mount:/srv:rw"), "rw under rw");
    ok(!refused(MOUNT_AS("/srv/a", "rw"), "mount:/srv/:rw"), "rw below rw");
    ok(!refused(MOUNT_AS("/srv/a", "rw"), "mount://srv//a/:rw"), "slashes of a grant");
    ok(!refused(MOUNT("/srv"), "mount:/srv:rw"), "ro under rw");
    ok(!refused(MOUNT("/srv"), "mount:/srv:ro"), "ro under ro");
    ok(refused(MOUNT("/srv:rw"), "mount:/srv:rw"),
       "a name that ends in :rw, below another's grant");
    ok(!refused(MOUNT("/srv:rw"), "mount:/srv:rw:ro"), "a name that ends in :rw, ro");
    ok(refused(MOUNT_AS("/srv:rw", "rw"), "mount:/srv:rw:ro"), "the same asked for rw");
    ok(!refused(MOUNT_AS("/srv:rw", "rw"), "mount:/srv:rw:rw"), "and granted so");
    ok(refused(MOUNT("/srv"), "mount:/srv:rw:ro"), "its grant is not its namesake's");
    ok(!refused(MOUNT("/a:b/c"), "mount:/a:b:ro"), "a colon within");
    ok(!refused(MOUNT("/a:b/c"), "mount:/:ro"), "a colon below");
}

/* The option that the refusal prints is the one that grants it, and it shows the mode. */
static void check_mount_option(const char *members, const char *option)
{
    struct fault why = {0};
    struct plan *p = plan_of(members, NULL, &why);

    ok(p && plan_refusal(p, &why) < 0 && strstr(why.what, option) != NULL, "advised: %s", option);
    plan_free(p);
    ok(!refused(members, option + strlen("--grant ")), "and it grants: %s", option);
}

static void check_mount_options(void)
{
    check_mount_option(MOUNT("/srv"), "--grant mount:/srv");
    check_mount_option(MOUNT_AS("/srv", "rw"), "--grant mount:/srv:rw");
    check_mount_option(MOUNT("/srv:rw"), "--grant mount:/srv:rw:ro");
    check_mount_option(MOUNT_AS("/s:x/y", "rw"), "--grant mount:/s:x/y:rw");
}

static void check_ceilings(void)
{
    ok(!refused("\"limits\":{\"memory\":1073741824}", NULL), "memory at its ceiling");
    ok(refused("\"limits\":{\"memory\":1073741825}", NULL), "one byte above");
    ok(!refused("\"limits\":{\"memory\":1073741825}", "limit:memory=1073741825"), "and granted");
    ok(refused("\"limits\":{\"memory\":1073741826}", "limit:memory=1073741825"),
       "a byte above the grant");
    ok(refused("\"limits\":{\"memory\":\"2G\"}", "limit:output=2G"), "a grant of another limit");
    ok(refused("\"limits\":{\"swap\":1}", NULL), "any swap");
    ok(!refused("\"limits\":{\"cpus\":2}", NULL), "as many CPUs as the host has");
    ok(refused("\"limits\":{\"cpus\":2.001}", NULL), "more CPUs than the host has");
    ok(!refused("\"limits\":{\"instructions\":9000000000000}", NULL), "instructions have none");
}

static void check_grants(void)
{
    static const char *const wrong[] = {"",
                                        ":",
                                        "keyring",
                                        "keyring:",
                                        "network:",
                                        "network:x",
                                        "mount:",
                                        "mount:srv",
                                        "mount:/srv:",
                                        "mount:/srv:RW",
                                        "mount:/srv:rw,ro",
                                        "mount:/a:b/c",
                                        "mount::rw",
                                        "mount:/srv/..",
                                        "mount:/srv/../etc",
                                        "mount:/./srv:rw",
                                        "capability:chown",
                                        "capability:",
                                        "syscall:",
                                        "syscall:x",
                                        "syscall:bpf",
                                        "limit:",
                                        "limit:memory",
                                        "limit:=1",
                                        "limit:memory=",
                                        "limit:memory=0",
                                        "limit:x=1",
                                        "Keyring:aws",
                                        "keyring :a",
                                        " keyring:a"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ok(fails("", wrong[i], STATUS_INVALID), "not a grant: \"%s\"", wrong[i]);
    ok(!refused("", "keyring:aws"), "an unused grant is no error");
    ok(refused("\"capabilities\":[\"CAP_NET_RAW\"]", "capability:CAP_NET_ADMIN"),
       "a capability is not another");
}

static void check_refusal(void)
{
    struct fault why = {0};
    struct plan *p = plan_of(MOUNT("/a'b;$(c)`d` e"), NULL, &why);

    if (!ok(p && plan_refusal(p, &why) < 0, "a hostile path is refused"))
        return;
    ok(strstr(why.what, "--grant 'mount:/a'\\''b;$(c)`d` e'") != NULL, "and quoted for a shell");
    plan_free(p);
}

static void check_override(void)
{
    struct grants g;
    struct fault why;

    limits_clear(&g.override);
    ok(grants_override(&g, "memory=32M", &why) == 0 && g.override.value[LIMIT_MEMORY] == 32 << 20,
       "-l memory=32M");
    ok(grants_override(&g, "memory", &why) < 0 && why.status == STATUS_USAGE, "-l memory");
    ok(grants_override(&g, "memry=1", &why) < 0 && strstr(why.what, "\"memory\""), "-l memry=1");
    ok(grants_override(&g, "=1", &why) < 0, "-l =1");
}

static void check_own_ids(void)
{
    struct fault why;
    struct plan *p = plan_of("", NULL, &why);

    if (!ok(p != NULL, "a plan"))
        return;
    ok(p->own_ids && p->uid_base == 500000000 && p->uid_inside == 1000 && p->gid_inside == 1000,
       "ids of its own outside, 1000 inside");
    ok(p->capabilities == 0 && p->network == NETWORK_NONE && p->allow.count == 0,
       "and nothing that was not asked");
    plan_free(p);
}

int main(void)
{
    check_mounts();
    check_mount_modes();
    check_mount_options();
    check_ceilings();
    check_grants();
    check_refusal();
    check_override();
    check_own_ids();
    return done();
}
