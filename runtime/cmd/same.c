/* Compares device and inode, so that no spelling, link or second name hides a file; a file of the
 * bundle by its path, links followed. Creates and writes nothing. */
#include "runtime/cmd/same.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/path.h"

/* A file that does not exist yet is identified by its directory and name. */
static void same_stat_ahead(struct same_file *s, const char *path)
{
    struct path_end end = {.dir = -1};
    const char *refused;
    struct stat st;

    if (path_find(path, &end, &refused) == 0 && fstat(end.dir, &st) == 0) {
        memcpy(s->last, end.name, sizeof s->last);
        s->dev = st.st_dev;
        s->ino = st.st_ino;
    }
    if (end.dir >= 0)
        close(end.dir);
}

void same_stat(struct same_file *s, const char *option, const char *path, int fd)
{
    struct stat st;
    int found = path ? stat(path, &st) : fstat(fd, &st);

    *s = (struct same_file){.option = option, .path = path};
    if (found == 0 && (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))) {
        s->dev = st.st_dev;
        s->ino = st.st_ino;
    } else if (found < 0 && path) {
        same_stat_ahead(s, path);
    }
}

bool same_are(const struct same_file *a, const struct same_file *b)
{
    return a->ino && a->ino == b->ino && a->dev == b->dev && strcmp(a->last, b->last) == 0;
}

int same_source(const char *option, const char *path, const char *bundle, struct fault *why)
{
    autofree char *file = realpath(path, NULL), *dir = bundle ? realpath(bundle, NULL) : NULL;
    size_t n = dir ? strlen(dir) : 0, m = file ? strlen(file) : 0;

    if (!dir || !file)
        return 0;
    n -= dir[n - 1] == '/'; /* only for the root directory */
    if (strncmp(file, dir, n) != 0 || file[n] != '/')
        return 0;
    if (strcmp(file + n, "/manifest.json") != 0 && (m < 4 || strcmp(file + m - 4, ".lua") != 0))
        return 0;
    return fault_set(why, STATUS_USAGE, 0, path, "%s is a file of the bundle itself", option);
}

int same_refuse(const struct same_file *s, unsigned n, struct fault *why)
{
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = i + 1; j < n; j++)
            if (same_are(&s[i], &s[j]))
                return fault_set(why, STATUS_USAGE, 0, s[j].path ? s[j].path : s[i].path,
                                 "%s and %s are the same file; each needs its own", s[i].option,
                                 s[j].option);
    return 0;
}
