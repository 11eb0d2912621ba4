/* Reading and writing control files: one open, one transfer, one close each, no streams. */
#include "cgroups/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fd.h"

int cgroup_write_text(int dir, const char *file, const char *text)
{
    autoclose int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);
    size_t n = strlen(text);

    return fd < 0 || write(fd, text, n) != (ssize_t)n ? -1 : 0;
}

int cgroup_write(int dir, const char *file, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return cgroup_write_text(dir, file, text);
}

ssize_t cgroup_read_text(int dir, const char *file, char *text, size_t size)
{
    autoclose int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (n >= 0)
        text[n] = '\0';
    return n;
}

bool cgroup_has_word(int dir, const char *file, const char *word)
{
    char text[512], *save = NULL;

    if (cgroup_read_text(dir, file, text, sizeof text) < 0)
        return false;
    for (char *at = strtok_r(text, " \n", &save); at; at = strtok_r(NULL, " \n", &save))
        if (strcmp(at, word) == 0)
            return true;
    return false;
}

static int parse(const char *text, uint64_t *value)
{
    char *end;

    if (strncmp(text, "max", 3) == 0) {
        *value = UINT64_MAX;
        return 0;
    }
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (end == text || errno) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

int cgroup_read(int dir, const char *file, uint64_t *value)
{
    char text[64];

    return cgroup_read_text(dir, file, text, sizeof text) < 0 ? -1 : parse(text, value);
}

int cgroup_read_again(int fd, uint64_t *value)
{
    char text[64];
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);

    if (n < 0)
        return -1;
    text[n] = '\0';
    return parse(text, value);
}

int cgroup_read_key(int dir, const char *file, const char *key, uint64_t *value)
{
    char text[4096];
    size_t len = strlen(key);

    if (cgroup_read_text(dir, file, text, sizeof text) < 0)
        return -1;
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, len) == 0 && line[len] == ' ')
            return parse(line + len + 1, value);
    }
    errno = ENOENT;
    return -1;
}
