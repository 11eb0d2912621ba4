/* What a terminal may be sent besides text. */
#ifndef CALLER_TERMINAL_H
#define CALLER_TERMINAL_H

#include <stdbool.h>

/* Whether FD is a terminal that moves its cursor: TERM does not say "dumb". */
bool terminal_moves(int fd);

/* Whether FD is one that shows colours, and its user wants them: NO_COLOR is not set, or empty
 * (no-color.org), and CLICOLOR is not 0 (bixense.com/clicolors). */
bool terminal_colours(int fd);

#endif
