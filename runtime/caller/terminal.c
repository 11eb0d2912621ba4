/* What a terminal may be sent, as its user's environment says. */
#include "runtime/caller/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool terminal_says(const char *name, const char *value)
{
    const char *set = getenv(name);

    return set && strcmp(set, value) == 0;
}

bool terminal_moves(int fd)
{
    return isatty(fd) && !terminal_says("TERM", "dumb");
}

bool terminal_colours(int fd)
{
    const char *none = getenv("NO_COLOR");

    return terminal_moves(fd) && !(none && *none) && !terminal_says("CLICOLOR", "0");
}
