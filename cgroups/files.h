/* Reads and writes single values in a group's control files. */
#ifndef CGROUPS_FILES_H
#define CGROUPS_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Write TEXT, or VALUE in decimal, to FILE below DIR. 0, or -1 with errno. */
int cgroup_write_text(int dir, const char *file, const char *text);
int cgroup_write(int dir, const char *file, uint64_t value);

/* Read FILE into TEXT, cut to SIZE - 1 bytes and NUL-terminated. Its length, or -1 with errno. DIR
 * may be an O_PATH descriptor. */
ssize_t cgroup_read_text(int dir, const char *file, char *text, size_t size);

/* Whether FILE, a list of words, has WORD ("cpu" is not in "cpuset"); false if unreadable. */
bool cgroup_has_word(int dir, const char *file, const char *word);

/* Read FILE's first word, a number ("max" and v1's "-1" are UINT64_MAX). 0, or -1 with errno
 * (EINVAL: not a number). */
int cgroup_read(int dir, const char *file, uint64_t *value);

/* The same from an open file, any number of times; -1 also if FD is -1. */
int cgroup_read_again(int fd, uint64_t *value);

/* Read the number after KEY in a file of "key value" lines. 0, or -1 with errno (ENOENT: none). */
int cgroup_read_key(int dir, const char *file, const char *key, uint64_t *value);

#endif
