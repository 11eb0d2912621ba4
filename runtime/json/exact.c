/* What a double makes of an integer: whether it is still the same. Both programs ask, the box of what
 * its script decodes, too. Trusts that the text is an integer's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/text.h"

bool json_is_exact(const char *text, size_t n)
{
    char copy[JSON_NUMBER_MAX + 1], rounded[JSON_NUMBER_MAX + 1];

    if (n > JSON_NUMBER_MAX)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    errno = 0;
    (void)strtoll(copy, NULL, 10);
    if (errno == 0)
        return true;
    return snprintf(rounded, sizeof rounded, "%.0f", strtod(copy, NULL)) == (int)n &&
           memcmp(rounded, copy, n) == 0;
}
