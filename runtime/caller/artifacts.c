/* Artifacts: wire/ has checked the name (plain, no slash, no leading '.' or '-'); nothing is ever
 * overwritten, and a file gets its name only when complete. */
#include "runtime/caller/artifacts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/json/base64.h"

struct artifacts {
    const struct artifact_files *files; /* NULL: created in .dir */
    void *owner;
    int dir;
    int file;       /* -1: no file begun */
    char name[160]; /* of that file */
};

static int artifacts_new(struct artifacts **a, struct fault *why)
{
    *a = malloc(sizeof **a);
    if (!*a)
        return fault_set(why, STATUS_SETUP, ENOMEM, "--artifacts", "opening its directory");
    **a = (struct artifacts){.dir = -1, .file = -1};
    return 0;
}

int artifacts_open(const char *dir, struct artifacts **a, struct fault *why)
{
    const char *refused = NULL;

    if (artifacts_new(a, why) < 0)
        return -1;
    (*a)->dir = path_open(dir, O_PATH | O_DIRECTORY, 0, &refused);
    if ((*a)->dir >= 0)
        return 0;
    fault_set(why, STATUS_SETUP, refused ? 0 : errno, "--artifacts", "opening the directory %s%s%s",
              dir, refused ? ": " : "", refused ? refused : "");
    artifacts_free(*a);
    *a = NULL;
    return -1;
}

int artifacts_by(const struct artifact_files *files, void *owner, struct artifacts **a,
                 struct fault *why)
{
    if (artifacts_new(a, why) < 0)
        return -1;
    (*a)->files = files;
    (*a)->owner = owner;
    return 0;
}

bool artifacts_may_name(const char *name)
{
    return name[0] != '.' && name[0] != '-' && strlen(name) <= 128 &&
           name[strspn(
               name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")] == '\0';
}

static void artifacts_drop(struct artifacts *a)
{
    if (a->file >= 0)
        close(steal_fd(&a->file));
}

void artifacts_free(struct artifacts *a)
{
    if (!a)
        return;
    artifacts_drop(a);
    if (a->dir >= 0)
        close(a->dir);
    free(a);
}

/* An unnamed file until it is complete: a monitor that is killed leaves nothing behind
 * (open(2), O_TMPFILE). */
int artifacts_begin(struct artifacts *a, const char *name)
{
    artifacts_drop(a); /* discard pieces of another, unfinished file */
    snprintf(a->name, sizeof a->name, "%s", name);
    a->file = a->files ? a->files->begin(a->owner, name)
                       : openat(a->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    return a->file;
}

static int caller_artifacts_begin(struct artifacts *a, const char *name)
{
    if (a->file >= 0 && strcmp(a->name, name) == 0)
        return 0;
    return artifacts_begin(a, name) < 0 ? -1 : 0;
}

static int append(struct artifacts *a, struct span data)
{
    autostr struct str bytes = {0};

    if (str_reserve(&bytes, data.len / 4 * 3) < 0) {
        errno = ENOMEM;
        return -1;
    }
    bytes.len = base64_decode(data.at, data.len, bytes.data); /* checked by wire/event.c */
    if (bytes.len == (size_t)-1) {
        bytes.len = 0;
        errno = EINVAL;
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

/* The name appears atomically or not at all: linkat(2) never replaces. Through /proc, because
 * linking the descriptor itself (AT_EMPTY_PATH) needs CAP_DAC_READ_SEARCH. */
int artifacts_finish(struct artifacts *a)
{
    char path[40];

    if (a->files) {
        int r = a->files->finish(a->owner);

        artifacts_drop(a);
        return r;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", a->file);
    if (linkat(AT_FDCWD, path, a->dir, a->name, AT_SYMLINK_FOLLOW) < 0)
        return -1;
    artifacts_drop(a);
    return 0;
}

int artifacts_take(struct artifacts *a, const struct event *e, struct str *reply)
{
    char name[160];

    snprintf(name, sizeof name, "%.*s", (int)e->name.len, e->name.at);
    if (caller_artifacts_begin(a, name) == 0 && append(a, e->text) == 0 &&
        (e->more || artifacts_finish(a) == 0)) {
        str_adds(reply, "{\"Ok\":null}\n");
        return 1;
    }
    str_addf(reply, "{\"Err\":\"artifact %s: %s\"}\n", name, strerror(errno));
    artifacts_drop(a);
    return 1;
}
