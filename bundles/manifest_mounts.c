/* The member "filesystem": scratch space and mounts. Sources and targets are untrusted paths:
 * targets may not cover what runbox itself puts into the box, nor each other. Looks at no host
 * file. */
#include <stdlib.h>
#include <string.h>

#include "bundles/loader.h"
#include "bundles/shape.h"

#define MOUNTS_MAX 64
#define PATH_CHARS 1024

static bool source_shape(const char *text)
{
    return shape_absolute(text) || shape_inside(text);
}

static void load_mode(struct loader *l, const struct path *at, struct json_object *value,
                      const struct member *row, void *base)
{
    static const char *const modes[] = {"ro", "rw"};

    (void)row;
    ((struct mount_ask *)base)->rw = load_word(l, at, value, modes, MEMBER_COUNT(modes)) == 1;
}

static const struct member mount_rows[] = {
    MEMBER("source", IS_STRING, load_text, .offset = offsetof(struct mount_ask, source),
           .required = true, .check = source_shape, .max = PATH_CHARS,
           .right =
               "a path, absolute on the host or inside the bundle, without \"..\", \"//\" or a "
               "trailing \"/\", with names of at most 255 bytes"),
    MEMBER("target", IS_STRING, load_text, .offset = offsetof(struct mount_ask, target),
           .required = true, .check = shape_absolute, .max = PATH_CHARS,
           .right = "an absolute path in the box, without \"..\", \"//\" or a trailing \"/\", "
                    "with names of at most 255 bytes"),
    MEMBER("mode", IS_STRING, load_mode),
};

static void check_source(struct loader *l, const struct path *at, struct mount_ask *mount)
{
    const struct path source = {.up = at, .name = "source"}, mode = {.up = at, .name = "mode"};
    char shown[BRIEF];

    mount->inside = mount->source[0] != '/';
    if (!mount->inside)
        return;
    if (l->bundle && !bundle_has(l->bundle, mount->source))
        wrong(l, &source, "%s is not in the bundle", brief_text(mount->source, shown));
    if (mount->rw)
        wrong(l, &mode, "paths inside the bundle can only be mounted \"ro\"");
}

static void check_target(struct loader *l, const struct path *at, const struct mount_ask *mount)
{
    static const char *const taken[] = {"/proc", "/sys", "/dev", "/bundle"};
    const struct path target = {.up = at, .name = "target"};
    char shown[BRIEF];

    for (size_t i = 0; i < MEMBER_COUNT(taken); i++)
        if (shape_below(mount->target, taken[i]))
            wrong(l, &target, "%s: nothing may be mounted on or below %s",
                  brief_text(mount->target, shown), taken[i]);
    if (l->m->scratch && shape_below(mount->target, "/tmp"))
        wrong(l, &target, "%s: /tmp is the scratch space", brief_text(mount->target, shown));
}

/* Two mounts at one place, or one below another, where its mount point could not be made. */
static void check_overlap(struct loader *l, const struct path *at, const struct mount_ask *mount)
{
    const struct path target = {.up = at, .name = "target"};
    char shown[BRIEF], other[BRIEF];

    for (const struct mount_ask *m = l->m->mounts; m < mount; m++) {
        if (!m->target ||
            !(shape_below(m->target, mount->target) || shape_below(mount->target, m->target)))
            continue;
        wrong(l, &target, "%s overlaps the target %s of another mount",
              brief_text(mount->target, shown), brief_text(m->target, other));
        return;
    }
}

static void load_mounts(struct loader *l, const struct path *at, struct json_object *value,
                        const struct member *row, void *base)
{
    struct manifest *m = base;
    size_t count = json_object_array_length(value);

    (void)row;
    if (count > MOUNTS_MAX) {
        wrong(l, at, "too many mounts: %zu, at most %d allowed", count, MOUNTS_MAX);
        return;
    }
    m->mounts = count ? calloc(count, sizeof *m->mounts) : NULL;
    if (count && !m->mounts) {
        l->f->no_memory = true;
        return;
    }
    m->mount_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct path here = {.up = at, .index = i};
        struct json_object *mount = json_object_array_get_idx(value, i);

        if (type_is(l, &here, mount, IS_OBJECT))
            load_members(l, &here, mount, mount_rows, MEMBER_COUNT(mount_rows), &m->mounts[i]);
    }
}

static const struct member filesystem[] = {
    MEMBER("scratch", IS_NUMBER | IS_STRING, load_size,
           .offset = offsetof(struct manifest, scratch)),
    MEMBER("mounts", IS_ARRAY, load_mounts),
};

/* Checks only after all members are read: their order in the text does not matter. */
void load_filesystem(struct loader *l, const struct path *at, struct json_object *value,
                     const struct member *row, void *base)
{
    const struct path mounts = {.up = at, .name = "mounts"};

    (void)row;
    l->filesystem = true;
    load_members(l, at, value, filesystem, MEMBER_COUNT(filesystem), base);
    for (size_t i = 0; i < l->m->mount_count; i++) {
        const struct path here = {.up = &mounts, .index = i};
        struct mount_ask *mount = &l->m->mounts[i];

        if (mount->source)
            check_source(l, &here, mount);
        if (mount->target) {
            check_target(l, &here, mount);
            check_overlap(l, &here, mount);
        }
    }
}
