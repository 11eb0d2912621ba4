/* One value in one control file of a group. */
#ifndef CGROUPS_FILES_H
#define CGROUPS_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Write TEXT, or VALUE in decimal, to FILE below DIR. 0 or -1 with errno. */
int cgroup_write_text(int dir, const char *file, const char *text);
int cgroup_write(int dir, const char *file, uint64_t value);

/* FILE's text, cut to SIZE - 1 bytes and NUL-terminated: its length, or -1 with errno. DIR may be an
 * O_PATH descriptor. */
ssize_t cgroup_read_text(int dir, const char *file, char *text, size_t size);

/* Whether FILE, a list of words, has WORD ("cpu" is not in "cpuset"); false where it cannot be read. */
bool cgroup_has_word(int dir, const char *file, const char *word);

/* The first word in FILE, a number ("max", and v1's "-1": UINT64_MAX). 0 or -1 with errno (EINVAL: it is none). */
int cgroup_read(int dir, const char *file, uint64_t *value);

/* The same of an open file, which can be read again and again; -1 also where FD is -1. */
int cgroup_read_again(int fd, uint64_t *value);

/* The number behind KEY in a file of "key value" lines. 0 or -1 with errno (ENOENT: no such key). */
int cgroup_read_key(int dir, const char *file, const char *key, uint64_t *value);

#endif
