/* Fills a fault: the only place where an error becomes text. Never allocates, never prints. */
#include "schemas/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cut between characters: half a character is not valid text. */
static void mark_cut(char *text, size_t size)
{
    char *cut = text + size - 4;

    while (cut > text && (*cut & 0xc0) == 0x80)
        cut--;
    memcpy(cut, "...", 4);
}

int(fault_set)(struct fault *why, enum status status, int err, const char *where, const char *fmt,
               ...)
{
    va_list ap;
    int n;

    why->status = status;
    why->err = err;
    n = snprintf(why->where, sizeof why->where, "%s", where ? where : "");
    if (n >= (int)sizeof why->where)
        mark_cut(why->where, sizeof why->where);

    va_start(ap, fmt);
    n = vsnprintf(why->what, sizeof why->what, fmt, ap);
    va_end(ap);
    if (err && n >= 0 && n < (int)sizeof why->what)
        n += snprintf(why->what + n, sizeof why->what - (size_t)n, ": %s", strerror(err));
    if (n >= (int)sizeof why->what)
        mark_cut(why->what, sizeof why->what);
    return -1;
}

void fault_add(struct fault *why, const char *fmt, ...)
{
    size_t at = strlen(why->what);
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(why->what + at, sizeof why->what - at, fmt, ap);
    va_end(ap);
    if (n >= (int)(sizeof why->what - at))
        mark_cut(why->what, sizeof why->what);
}

int fault_lack(const struct fault *why)
{
    static const int lacks[] = {EAGAIN, ENOMEM, EMFILE, ENFILE};

    for (size_t i = 0; i < sizeof lacks / sizeof *lacks && why->status == STATUS_SETUP; i++)
        if (why->err == lacks[i])
            return why->err;
    return 0;
}
