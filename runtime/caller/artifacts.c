/* Artifacts: the name was checked by wire/ (plain, no slash, no '.' or '-' in front); nothing is ever
 * overwritten, and a file has its name only when it is whole. */
#include "runtime/caller/artifacts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/wire/base64.h"

struct artifacts {
    int dir;
    int file;       /* -1: none begun */
    char name[160]; /* of the one begun */
};

int artifacts_open(const char *dir, struct artifacts **a, struct fault *why)
{
    struct artifacts *new = malloc(sizeof *new);
    const char *refused = NULL;

    if (!new)
        return fault_set(why, STATUS_SETUP, ENOMEM, "--artifacts", "%s", dir);
    *new = (struct artifacts){.dir = path_open(dir, O_PATH | O_DIRECTORY, 0, &refused), .file = -1};
    if (new->dir < 0) {
        free(new);
        return fault_set(why, STATUS_SETUP, refused ? 0 : errno, "--artifacts",
                         "opening the directory %s%s%s", dir, refused ? ": " : "",
                         refused ? refused : "");
    }
    *a = new;
    return 0;
}

static void drop(struct artifacts *a)
{
    if (a->file >= 0)
        close(steal_fd(&a->file));
}

void artifacts_free(struct artifacts *a)
{
    if (!a)
        return;
    drop(a);
    close(a->dir);
    free(a);
}

/* A file without a name until it is whole: a monitor that is killed leaves nothing (open(2),
 * O_TMPFILE). */
static int begin(struct artifacts *a, const char *name)
{
    if (a->file >= 0 && strcmp(a->name, name) == 0)
        return 0;
    drop(a); /* pieces of another: it was never finished */
    snprintf(a->name, sizeof a->name, "%s", name);
    a->file = openat(a->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    return a->file < 0 ? -1 : 0;
}

static int append(struct artifacts *a, struct span data)
{
    autostr struct str bytes = {0};

    base64_decode(&bytes, data);
    if (bytes.failed) {
        errno = ENOMEM;
        return -1;
    }
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(a->file, bytes.data + done, bytes.len - done);

        if (n < 0 && errno != EINTR)
            return -1;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* The name appears at once, or not at all: linkat(2) never replaces. Through /proc, since without
 * CAP_DAC_READ_SEARCH a descriptor cannot be linked by itself. */
static int finish(struct artifacts *a)
{
    char path[40];

    snprintf(path, sizeof path, "/proc/self/fd/%d", a->file);
    if (linkat(AT_FDCWD, path, a->dir, a->name, AT_SYMLINK_FOLLOW) < 0)
        return -1;
    drop(a);
    return 0;
}

int artifacts_take(struct artifacts *a, const struct event *e, struct str *reply)
{
    char name[160];

    snprintf(name, sizeof name, "%.*s", (int)e->name.len, e->name.at);
    if (begin(a, name) == 0 && append(a, e->text) == 0 && (e->more || finish(a) == 0)) {
        str_adds(reply, "{\"Ok\":null}\n");
        return 1;
    }
    str_addf(reply, "{\"Err\":\"artifact %s: %s\"}\n", name, strerror(errno));
    drop(a);
    return 1;
}
