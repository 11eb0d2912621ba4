/* Reading a secret from a person or a pipe. */
#ifndef CMD_SECRET_H
#define CMD_SECRET_H

#include "runtime/base/str.h"
#include "schemas/fault.h"

/* Read one secret from standard input, at most MAX bytes: from a terminal one line, after PROMPT
 * and not echoed; from anything else all bytes but one newline at the end. 0 and *SECRET
 * (str_wipe() it); or -1 and *WHY: INVALID where it is empty, too long or not UTF-8 text, CANCELLED
 * by a signal. */
int secret_read(const char *prompt, size_t max, struct str *secret, struct fault *why);

#endif
