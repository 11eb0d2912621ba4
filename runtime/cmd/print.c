/* All verbs' messages on stderr, in one format. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/cmd/cmd.h"
#include "runtime/plan/plan.h"
#include "runtime/wire/text.h"
#include "schemas/export.h"

#define MOST 4608 /* bytes of one text in a message: more than a path */

/* Truncate a longer TEXT: a JSON pointer is as long as the names in it. */
static void print_add(struct str *line, const char *text)
{
    size_t n = strlen(text), most = n;

    if (n > MOST)
        for (most = MOST; most > MOST - 4 && ((unsigned char)text[most] & 0xc0) == 0x80;)
            most--;
    text_line(line, text, most);
    if (most < n)
        str_adds(line, "…");
}

/* Needs no memory: the lack of it may be what it reports. */
static void print_say(const char *where, const char *what)
{
    static char room[80 << 10]; /* each byte may be shown as "<U+001B>" */
    struct str line = {.data = room, .cap = sizeof room, .fixed = true};

    str_adds(&line, "runbox: ");
    print_add(&line, where);
    if (*where)
        str_adds(&line, ": ");
    print_add(&line, what);
    fprintf(stderr, "%s%s\n", room, line.failed ? "..." : "");
}

int cmd_fault(const struct fault *why)
{
    print_say(why->where, why->what);
    return status_exit(why->status, 0);
}

static bool print_finding(void *of, const struct finding *one, const char *label)
{
    const char *const *where = of;
    autostr struct str place = {0}, what = {0};

    if (!*one->message)
        return true;
    str_adds(&place, *where);
    if (one->place.line)
        str_addf(&place, ":%u:%u", one->place.line, one->place.column);
    if (one->pointer[0])
        str_addf(&place, ": %s", one->pointer);
    str_addf(&what, "%s%s", label, one->message);
    print_say(place.data && !place.failed ? place.data : *where,
              what.failed ? one->message : what.data);
    return true;
}

/* Why no alternative fits is said below each, as far as there is memory to. */
void cmd_findings(const struct findings *f, const char *where)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct findings *within = f->item[i].within;

        print_finding(&where, &f->item[i], "");
        for (size_t j = 0; within && j < within->count; j++)
            finding_walk(&within->item[j], "", print_finding, &where);
    }
    if (!f->count && f->no_memory)
        print_say(where, "not enough memory to check it");
    if (f->more) {
        char more[48];

        snprintf(more, sizeof more, "and %zu more", f->more);
        print_say(where, more);
    }
}

void cmd_help(const char *help)
{
    struct fault why;

    if (fputs(help, stdout) >= 0 && fflush(stdout) == 0)
        return;
    fault_set(&why, STATUS_SETUP, errno, "stdout", "writing");
    exit(cmd_fault(&why));
}

int cmd_usage(const char *verb, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    print_say(verb, text);
    return cmd_usage_told(verb);
}

int cmd_usage_told(const char *verb)
{
    fprintf(stderr, "Try 'runbox %s --help'.\n", verb);
    return status_exit(STATUS_USAGE, 0);
}

int cmd_path(const char *verb, const char *what, const char *path, bool stream)
{
    if (path && !*path)
        return cmd_usage(verb, "%s: expected a file name, not an empty string", what);
    if (path && !stream && strcmp(path, "-") == 0)
        return cmd_usage(
            verb, "%s -: cannot be a standard stream; for a file named \"-\", give ./-", what);
    return 0;
}

int cmd_grant(const char *verb, const char *text)
{
    struct fault why;

    return grant_check(text, &why) < 0 ? cmd_usage(verb, "%s: %s", why.where, why.what) : 0;
}

int cmd_export(const char *verb, const char *name)
{
    return !name || export_is_name(name)
               ? 0
               : cmd_usage(verb, "--export %.80s: expected a name: " EXPORT_NAME_SHAPE, name);
}

int cmd_parent(const char *verb, const char *path)
{
    if (!path || path[0] == '/')
        return 0;
    return cmd_usage(verb, "--cgroup-parent %s: expected an absolute path, as in /proc/self/cgroup",
                     path);
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
