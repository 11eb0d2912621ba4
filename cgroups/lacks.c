/* Which limits' control files this kernel has no use for, though their controller is there: swap where it is
 * not accounted, quotas and throttling where they are not built in. Reads only. */
#include "cgroups/lacks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cgroups/files.h"
#include "runtime/base/fd.h"

static bool is_absent(int dir, const char *file)
{
    return faccessat(dir, file, F_OK, 0) < 0 && errno == ENOENT;
}

/* The root of v2 has no limits itself: those of the first child that has the controller show. Where there is
 * none, making a group will. */
static bool lacks_below(const char *path, enum controller c, const char *file)
{
    DIR *root = opendir(path);
    const struct dirent *one;
    int found = -1;

    while (root && found < 0 && (one = readdir(root))) {
        autoclose int child =
            one->d_type != DT_DIR || one->d_name[0] == '.'
                ? -1
                : openat(dirfd(root), one->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (child >= 0 &&
            cgroup_has_word(child, "cgroup.controllers", controller_text(c, HIERARCHY_V2)))
            found = is_absent(child, file);
    }
    if (root)
        closedir(root);
    return found > 0;
}

static bool lacks_file(const struct cgroups *c, const struct limit_file *f)
{
    enum hierarchy v = c->version[f->controller];
    const char *dir = c->dir[f->controller], *file = f->name[v];
    char path[CGROUP_PATH_MAX + 64];

    if (!file)
        return false;
    snprintf(path, sizeof path, "%s/cgroup.type", dir);
    if (v == HIERARCHY_V2 && is_absent(AT_FDCWD, path))
        return lacks_below(dir, f->controller, file);
    snprintf(path, sizeof path, "%s/%s", dir, file);
    return is_absent(AT_FDCWD, path);
}

void lacks_find(struct cgroups *c)
{
    for (int i = 0; i < LIMIT__COUNT; i++)
        c->lacks[i] = lacks_file(c, &limit_file[i]);
}
