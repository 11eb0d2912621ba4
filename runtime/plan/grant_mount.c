/* Mount grants: a path, read-only unless "rw" follows. What follows the last colon is the mode, so
 * a path with a colon needs a mode after it. Paths are compared as text, component by component:
 * the jail opens them without following links, so they cannot lead elsewhere. */
#include "runtime/plan/grant_mount.h"

#include <string.h>

#include "runtime/base/str.h"

/* Length of VALUE's path; *RW: its mode. */
static size_t mount_grant_mode(const char *value, bool *rw)
{
    const char *colon = strrchr(value, ':');

    *rw = colon && strcmp(colon, ":rw") == 0;
    return colon ? (size_t)(colon - value) : strlen(value);
}

/* The next component of the path from *AT to END; its length, 0 at the end. */
static size_t mount_grant_name(const char **at, const char *end)
{
    const char *name = *at;

    while (name < end && *name == '/')
        name++;
    *at = name;
    while (name < end && *name != '/')
        name++;
    return (size_t)(name - *at);
}

const char *mount_grant_check(const char *value)
{
    const char *colon = strrchr(value, ':'), *at = value, *end;
    size_t n;
    bool rw;

    if (*value != '/')
        return "the path must be absolute";
    if (colon && strcmp(colon, ":ro") != 0 && strcmp(colon, ":rw") != 0)
        return "the mode after the last colon must be \"ro\" or \"rw\"; a path that has a colon "
               "needs a mode";
    for (end = value + mount_grant_mode(value, &rw); (n = mount_grant_name(&at, end)); at += n)
        if (strncmp(at, "..", n) == 0 && n <= 2)
            return "the path must not contain \".\" or \"..\"";
    return NULL;
}

bool mount_grant_covers(const char *given, const char *asked)
{
    bool given_rw, asked_rw;
    const char *given_end = given + mount_grant_mode(given, &given_rw);
    const char *asked_end = asked + mount_grant_mode(asked, &asked_rw);
    size_t n;

    if (asked_rw && !given_rw)
        return false;
    for (; (n = mount_grant_name(&given, given_end)); given += n, asked += n)
        if (mount_grant_name(&asked, asked_end) != n || memcmp(given, asked, n) != 0)
            return false;
    return true;
}

void mount_grant_text(const char *path, bool rw, struct str *out)
{
    str_adds(out, path);
    if (rw || strchr(path, ':'))
        str_adds(out, rw ? ":rw" : ":ro");
}
