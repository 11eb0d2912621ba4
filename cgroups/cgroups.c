/* Resolves controllers: /proc/self/cgroup names this process's group in each hierarchy; the mount
 * point is the usual one or, failing that, comes from /proc/self/mountinfo. Changes nothing but as
 * cgroups_prepare() says. */
#include "cgroups/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroups/lacks.h"
#include "cgroups/leaf.h"
#include "cgroups/parent.h"
#include "cgroups/place.h"
#include "cgroups/unified.h"
#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

/* "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD]... - TYPE SOURCE OPTIONS": whether LINE mounts
 * the root of the v1 hierarchy that has CONTROLLER. Below a bind mount of a subtree, paths from
 * /proc/self/cgroup would lead nowhere. */
static bool mount_line(struct field line, const char *controller, char *out, size_t size)
{
    struct field word, root = {0}, point = {0}, options = {0};

    for (int i = 0; i < 5 && field_word(&line, &word); i++) {
        root = point;
        point = word;
    }
    while (field_word(&line, &word) && !field_is(word, "-"))
        continue;
    if (!field_word(&line, &word) || !field_is(word, "cgroup"))
        return false;
    while (field_word(&line, &word))
        options = word;
    return field_is(root, "/") && field_listed(options, ',', controller) &&
           field_text(point, out, size) == 0;
}

static int mount_of(const char *controller, char *out, size_t size)
{
    FILE *f = fopen("/proc/self/mountinfo", "re");
    autofree char *line = NULL;
    size_t room = 0;
    int found = -1;

    while (f && found < 0 && getline(&line, &room, f) > 0) {
        struct field rest = field_of(line), one;

        if (field_line(&rest, &one) && mount_line(one, controller, out, size))
            found = 0;
    }
    if (f)
        fclose(f);
    return found;
}

static bool is_type(const char *dir, unsigned long magic)
{
    struct statfs fs;

    return statfs(dir, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

bool cgroups_unified(void)
{
    return is_type("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC);
}

/* Take this process's own group for controller WHICH, or the one GIVEN, if it may have children. */
static int resolve_v1(struct cgroups *c, enum controller which, struct field path, bool given,
                      struct fault *why)
{
    const char *name = controller_text(which, HIERARCHY_V1);
    char point[CGROUP_PATH_MAX];
    int there;

    snprintf(point, sizeof point, "/sys/fs/cgroup/%s", name);
    if (!is_type(point, CGROUP_SUPER_MAGIC) && mount_of(name, point, sizeof point) < 0)
        return 0;
    if (place_find(c->dir[which], point, path, c->why[which], sizeof c->why[which]) < 0) {
        c->unfound[which] = true;
        return 0;
    }
    there = given ? parent_check(c->dir[which], c->why[which], sizeof c->why[which], why)
                  : faccessat(AT_FDCWD, c->dir[which], W_OK, AT_EACCESS) == 0;
    if (there <= 0) {
        if (!given)
            snprintf(c->why[which], sizeof c->why[which],
                     "cgroup v1: runbox cannot make a group below its own in the %s hierarchy: %s",
                     name, parent_cure(HIERARCHY_V1, errno));
        return there;
    }
    c->version[which] = HIERARCHY_V1;
    c->why[which][0] = '\0';
    return 0;
}

/* Where v2 is mounted, or NULL. */
static const char *v2_point(void)
{
    static const char *const points[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
        if (is_type(points[i], CGROUP2_SUPER_MAGIC))
            return points[i];
    return NULL;
}

/* One line of /proc/self/cgroup, "ID:CONTROLLERS:PATH"; the v2 line lists no controllers. */
static int take_line(struct cgroups *c, struct field line, const char *parent, struct fault *why)
{
    struct field id, list;

    if (!field_until(&line, ':', &id) || !field_until(&line, ':', &list) || !line.at)
        return 0;
    if (parent)
        line = field_of(parent);
    if (list.n == 0) {
        const char *point = v2_point(); /* asked once: a mount can go, or a look at it fail */

        return point ? unified_resolve(c, point, line, parent != NULL, why) : 0;
    }
    for (int i = 0; i < CONTROLLER__COUNT; i++)
        if (field_listed(list, ',', controller_text((enum controller)i, HIERARCHY_V1)) &&
            resolve_v1(c, (enum controller)i, line, parent != NULL, why) < 0)
            return -1;
    return 0;
}

/* Fail if the parent that was named can hold no group at all. */
static int fault_parent(const struct cgroups *c, const char *parent, struct fault *why)
{
    char text[CONTROLLER__COUNT * sizeof c->why[0] + 64];
    size_t n = 0;

    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        bool said = false;

        if (c->version[i] != HIERARCHY_NONE)
            return 0;
        for (int before = 0; before < i; before++)
            said = said || strcmp(c->why[before], c->why[i]) == 0;
        if (!said)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? "; " : "", c->why[i]);
    }
    return fault_set(why, STATUS_SETUP, 0, parent,
                     "cannot make groups below it: %s (expected a path as in /proc/self/cgroup)",
                     text);
}

/* Of those that no mount has said anything of. */
static void say_unmounted(struct cgroups *c)
{
    const char *ask = geteuid() ? "ask root to " : "";
    bool all = !v2_point();

    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        c->unmounted[i] = c->version[i] == HIERARCHY_NONE && !c->why[i][0];
        all = all && c->unmounted[i];
    }
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        const char *name = controller_text((enum controller)i, HIERARCHY_V1);

        if (all)
            snprintf(c->why[i], sizeof c->why[i],
                     "no cgroup hierarchy is mounted: %smount -t cgroup2 none /sys/fs/cgroup", ask);
        else if (c->unmounted[i])
            snprintf(c->why[i], sizeof c->why[i],
                     "the controller is not mounted, or this kernel has none (/proc/cgroups): "
                     "%smount -t cgroup -o %s none /sys/fs/cgroup/%s",
                     ask, name, name);
    }
}

/* The v2 line comes last in the file, so it fills in what v1 does not have. */
int cgroups_probe(struct cgroups *c, const char *parent, struct fault *why)
{
    autoclose int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    char text[8192];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    memset(c->version, 0, sizeof c->version);
    for (int i = 0; i < CONTROLLER__COUNT; i++) {
        c->dir[i][0] = c->why[i][0] = '\0';
    }
    if (n < 0)
        return fault_set(why, STATUS_SETUP, errno, "/proc/self/cgroup",
                         "reading it (runbox needs /proc: mount -t proc proc /proc)");
    text[n] = '\0';
    for (struct field rest = field_of(text), line; field_line(&rest, &line);)
        if (take_line(c, line, parent, why) < 0)
            return -1;
    say_unmounted(c);
    lacks_find(c);
    return parent ? fault_parent(c, parent, why) : 0;
}

void cgroups_prepare(const char *parent)
{
    lacks_allow_try(true);
    leaf_make(parent);
}

void cgroups_foresee(const char *parent)
{
    lacks_allow_try(false);
    leaf_foresee(parent);
}
