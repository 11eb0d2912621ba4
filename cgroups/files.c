/* Reads and writes control files: one open, one transfer, one close each, no streams. */
#include "cgroups/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/fields.h"

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
    char text[4096];
    struct field rest, line, have;

    if (cgroup_read_text(dir, file, text, sizeof text) < 0)
        return false;
    for (rest = field_of(text); field_line(&rest, &line);)
        while (field_word(&line, &have))
            if (field_is(have, word))
                return true;
    return false;
}

static int parse_value(struct field f, uint64_t *value)
{
    if (field_is(f, "max"))
        *value = UINT64_MAX;
    else if (field_number(f, value) < 0) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

/* v1 writes "-1" for no quota. */
static int parse_first(const char *text, uint64_t *value)
{
    struct field rest = field_of(text), line, word;

    if (!field_line(&rest, &line) || !field_word(&line, &word)) {
        errno = EINVAL;
        return -1;
    }
    if (field_is(word, "-1")) {
        *value = UINT64_MAX;
        return 0;
    }
    return parse_value(word, value);
}

int cgroup_read(int dir, const char *file, uint64_t *value)
{
    char text[64];

    return cgroup_read_text(dir, file, text, sizeof text) < 0 ? -1 : parse_first(text, value);
}

int cgroup_read_again(int fd, uint64_t *value)
{
    char text[64];
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);

    if (n < 0)
        return -1;
    text[n] = '\0';
    return parse_first(text, value);
}

int cgroup_read_key(int dir, const char *file, const char *key, uint64_t *value)
{
    char text[8192];
    struct field rest, number;

    if (cgroup_read_text(dir, file, text, sizeof text) < 0)
        return -1;
    rest = field_of(text);
    if (field_key(&rest, key, ' ', &number))
        return parse_value(number, value);
    errno = ENOENT;
    return -1;
}
