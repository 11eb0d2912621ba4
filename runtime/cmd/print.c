/* What every verb says on stderr, in one shape. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/cmd/cmd.h"
#include "runtime/wire/text.h"

/* Says what it can where there is no memory: that may be what it has to say. */
static void say(const char *where, const char *what)
{
    static char room[8192];
    struct str line = {.data = room, .cap = sizeof room, .fixed = true};

    str_adds(&line, "runbox: ");
    text_visible(&line, where, strlen(where));
    if (*where)
        str_adds(&line, ": ");
    text_visible(&line, what, strlen(what));
    fprintf(stderr, "%s%s\n", room, line.failed ? "..." : "");
}

int cmd_fault(const struct fault *why)
{
    say(why->where, why->what);
    return status_exit(why->status, 0);
}

void cmd_findings(const struct findings *f, const char *where)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *at = &f->item[i];
        autostr struct str place = {0};

        str_adds(&place, where);
        if (at->place.line)
            str_addf(&place, ":%u:%u", at->place.line, at->place.column);
        if (at->pointer[0])
            str_addf(&place, ": %s", at->pointer);
        say(place.data ? place.data : "", at->message);
    }
    if (!f->count && f->no_memory)
        say(where, "not enough memory to check it");
    if (f->more) {
        char more[48];

        snprintf(more, sizeof more, "and %zu more", f->more);
        say(where, more);
    }
}

int cmd_usage(const char *verb, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    say(verb, text);
    fprintf(stderr, "Try 'runbox %s --help'.\n", verb);
    return status_exit(STATUS_USAGE, 0);
}

int cmd_pair(char *text, char **name, char **value)
{
    char *equals = strchr(text, '=');

    if (!equals || equals == text)
        return -1;
    *equals = '\0';
    *name = text;
    *value = equals + 1;
    return 0;
}
