/* Internal to bundles/: whether a text has the form that a member of the manifest requires. Each
 * has an equivalent pattern in schemas/manifest.schema.json. Pure; no text is NULL, lengths are
 * checked elsewhere. */
#ifndef BUNDLES_SHAPE_H
#define BUNDLES_SHAPE_H

#include <stdbool.h>

bool shape_name(const char *text);      /* me/hello: [a-z0-9._-], at most one '/' */
bool shape_version(const char *text);   /* semver.org 2.0.0 */
bool shape_lua_file(const char *text);  /* a path inside the bundle that ends in .lua */
bool shape_lua_name(const char *text);  /* an identifier, not a keyword: Lua 5.4 manual, 3.1 */
bool shape_method(const char *text);    /* [A-Za-z0-9_.:-]+ */
bool shape_namespace(const char *text); /* [A-Za-z0-9_.-]+: a namespace of keyring keys */
bool shape_syscall(const char *text);   /* [a-z0-9_]+ */
bool shape_hostname(const char *text);  /* RFC 1123 */
bool shape_env_name(const char *text);  /* not empty, no '=' */

/* Paths whose components have at most NAME_MAX bytes. Inside: relative, no component empty or
 * beginning with '.'. Absolute: not "/", no component empty, "." or "..". */
bool shape_inside(const char *text);
bool shape_absolute(const char *text);
bool shape_below(const char *path, const char *dir); /* PATH is DIR or below it */

#endif
