/* What `runbox check` says of a name that Lua has and a box does not, or of a module that is no Lua. */
#ifndef CMD_HINTS_H
#define CMD_HINTS_H

#define HINT_LONGEST 256

/* ": what to use instead (who uses it)", or "", for a global or a library's field. OUT >=
 * HINT_LONGEST bytes. */
const char *hint_name(const char *name, char *out);

/* The same for a module's name. */
const char *hint_module(const char *name, char *out);

#endif
