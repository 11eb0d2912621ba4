/* attack PROFILE FILE REPORT COMMAND... | attack PROFILE FILE PID: run an attack file
 * (tests/escape/README.md) in a live box: system calls of its process, each with the result that it
 * must have under PROFILE. With COMMAND, start the box, and a new one whenever it has died; with
 * PID, leave that box alive. attack int80: whether int 0x80 is a system call here. attack knows CALL:
 * whether the processor has that one, and its number on stdout. As root. Exit status 0: every result
 * was as expected; 1: not, and why. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/escape/live.h"
#include "tests/escape/steer.h"
#include "tests/escape/values.h"
#include "tests/escape/words.h"

#define LINES_MAX 256
#define IN_PAGE   ((uint64_t)sysconf(_SC_PAGESIZE) - 1)

static const char *profile, *file_name;
static char *lines[LINES_MAX];
static size_t line_count, now; /* the current line, from 0 */

static char *const *command;
static const char *report;
static struct live live;
static struct steered steered;
static bool alive;
static struct ending ending;
static unsigned calls, boxes;

/* data NAME ITEM... */
static void do_data(const struct line *l)
{
    unsigned char bytes[2 * VALUES_ITEM] = {0};
    size_t n = 0;

    for (size_t i = 2; i < l->count; i++) {
        n += values_item(&l->at[i], bytes + n);
        if (n > VALUES_ITEM)
            words_wrong("too much data");
    }
    values_set(l->at[1].text, steer_put(&steered, bytes, n), n);
}

/* holds NAME "text", lacks NAME "text" */
static void do_compare(const struct line *l)
{
    size_t size;
    uint64_t at = values_data(&l->at[1], &size);
    char bytes[VALUES_ITEM];

    if (l->count != 3 || !steer_get(&steered, at, bytes, size))
        words_wrong("cannot be compared");
    if (!memmem(bytes, size, l->at[2].text, l->at[2].len) == words_is(l, 0, "holds"))
        words_wrong("it does not hold");
}

static void end_box(void)
{
    steer_forget(&steered);
    alive = false;
    if (command)
        live_end(&live, &ending);
}

/* The way into the kernel that TEXT asks for; *NAME: the name of the call. */
static enum entry entry_of(const char *text, const char **name)
{
    static const char *const entries[] = {
        [ENTRY_INT80] = "i386:", [ENTRY_SYSENTER] = "sysenter:", [ENTRY_VSYSCALL] = "vsyscall:"};

    *name = text;
    for (enum entry e = ENTRY_INT80; e <= ENTRY_VSYSCALL; e++)
        if (strncmp(text, entries[e], strlen(entries[e])) == 0) {
            *name = text + strlen(entries[e]);
            return e;
        }
    return ENTRY_SYSCALL;
}

/* The number of the call NAME; negative: it is not of this processor. */
static int64_t call_number(enum entry entry, const char *name)
{
    bool i386 = entry == ENTRY_INT80 || entry == ENTRY_SYSENTER;
    int nr;

    if (entry != ENTRY_SYSCALL && NATIVE_ARCH != AUDIT_ARCH_X86_64)
        return -1;
    if (*name == '#')
        return (uint32_t)values_number(name + 1);
    nr = seccomp_syscall_resolve_name_arch(i386 ? SCMP_ARCH_X86 : NATIVE_ARCH, name);
    if (nr == __NR_SCMP_ERROR)
        words_wrong("no such system call");
    return nr;
}

/* Issue the call of word I, with the arguments after it up to "=": its outcome, *NAME, *VALUE. */
static enum outcome issue(const struct line *l, size_t i, const char **name, int64_t *value)
{
    enum entry entry = entry_of(l->at[i].text, name);
    uint32_t nr = (uint32_t)call_number(entry, *name);
    uint64_t args[6] = {0};

    for (size_t n = 0; ++i < l->count && !words_is(l, i, "="); n++) {
        if (n == 6)
            words_wrong("too many arguments");
        args[n] = l->at[i].quoted ? steer_put(&steered, l->at[i].text, l->at[i].len + 1)
                                  : values_number(l->at[i].text);
    }
    calls++;
    return steer_call(&steered, entry, nr, args, value);
}

/* The result after "=" for this profile: its own, or the one for all. */
static const char *wanted(const struct line *l)
{
    const char *want = "ok";
    size_t i = 0, len = strlen(profile);

    while (i < l->count && !words_is(l, i, "="))
        i++;
    for (i++; i < l->count; i++) {
        const char *text = l->at[i].text;

        if (strncmp(text, profile, len) == 0 && text[len] == ':')
            return text + len + 1;
        if (!strchr(text, ':'))
            want = text;
    }
    return want;
}

static bool came_as_one(const char *want, enum entry entry, enum outcome outcome, int64_t value)
{
    const char *error = value < 0 && value > -4096 ? strerrorname_np((int)-value) : NULL;

    if (strcmp(want, "killed") == 0)
        return outcome == KILLED ||
               (outcome == CRASHED && entry == ENTRY_INT80 && !steer_has_int80());
    if (strcmp(want, "dies") == 0)
        return outcome == CRASHED;
    if (outcome != CAME_BACK)
        return false;
    if (strcmp(want, "ok") == 0)
        return value >= 0;
    if (strcmp(want, "fails") == 0)
        return error != NULL;
    if (*want == 'E')
        return error && strcmp(error, want) == 0;
    return value == (int64_t)values_number(want);
}

/* WANT: one result, or several with '|' between them. */
static bool came_as(const char *want, enum entry entry, enum outcome outcome, int64_t value)
{
    char one[WORD_MAX];

    for (size_t n; *want; want += n + (want[n] == '|')) {
        n = strcspn(want, "|");
        snprintf(one, sizeof one, "%.*s", (int)n, want);
        if (came_as_one(one, entry, outcome, value))
            return true;
    }
    return false;
}

/* [NAME :=] CALL ARGUMENT... [= RESULT...] */
static void do_call(const struct line *l)
{
    bool named = words_is(l, 1, ":=");
    const char *want = wanted(l), *name;
    enum entry entry = entry_of(l->at[named ? 2 : 0].text, &name);
    int64_t value = 0;
    enum outcome outcome = issue(l, named ? 2 : 0, &name, &value);

    if (outcome != CAME_BACK)
        end_box();
    if (!came_as(want, entry, outcome, value))
        words_wrong("%s: outcome %d, value %lld (%s)", want, (int)outcome, (long long)value,
                    outcome == CAME_BACK && value < 0 ? strerror((int)-value) : ending.status);
    if (command && outcome == KILLED &&
        (strcmp(ending.status, "syscall") != 0 || strcmp(ending.syscall, name) != 0))
        words_wrong("the report says %s \"%s\"", ending.status, ending.syscall);
    if (command && outcome == CRASHED && strcmp(ending.status, "signal") != 0)
        words_wrong("the report says %s", ending.status);
    if (named && outcome == CAME_BACK)
        values_set(l->at[0].text, (uint64_t)value, 0);
}

/* Run the rest of the line in sh, outside the box. $BOX and $MONITOR are pids. */
static void do_shell(const char *text)
{
    char script[4096], number_text[16];

    snprintf(number_text, sizeof number_text, "%d", steered.pid);
    setenv("BOX", number_text, 1);
    snprintf(number_text, sizeof number_text, "%d", live.monitor);
    setenv("MONITOR", number_text, 1);
    snprintf(script, sizeof script, "%.*s", (int)strcspn(text, "\n"), text);
    fflush(stdout);
    if (system(script) != 0)
        words_wrong("outside it does not hold");
}

static void do_line(const struct line *l)
{
    if (words_is(l, 0, "data"))
        do_data(l);
    else if (words_is(l, 0, "holds") || words_is(l, 0, "lacks"))
        do_compare(l);
    else if (words_is(l, 0, "shell"))
        do_shell(strstr(lines[now], "shell") + strlen("shell"));
    else
        do_call(l);
}

/* Whether L is no call, or one that this processor has. */
static bool is_here(const struct line *l)
{
    const char *name = l->at[words_is(l, 1, ":=") ? 2 : 0].text;
    enum entry entry = entry_of(name, &name);

    return words_is(l, 0, "data") || words_is(l, 0, "holds") || words_is(l, 0, "lacks") ||
           words_is(l, 0, "shell") || call_number(entry, name) >= 0;
}

static bool cut(size_t i, struct line *l)
{
    now = i;
    words_at(file_name, i + 1, lines[i]);
    if (!words_cut(lines[i], l))
        words_wrong("cannot be read");
    return l->count > 0;
}

/* A box for line NEXT. Lines before it that define names are run again. */
static void begin_box(size_t next)
{
    struct line l;

    if (alive)
        return;
    if (!command && boxes)
        words_wrong("the box is dead");
    boxes++;
    if (command)
        live_start(&live, command, report);
    steer_stop(&steered, live.box);
    alive = true;
    values_clear();
    values_set("box", (uint64_t)live.box, 0);
    values_set("monitor", (uint64_t)live.monitor, 0);
    values_set("code", steered.instruction & ~IN_PAGE, 0);
    values_set("stack", REG_STACK(&steered.old) & ~IN_PAGE, 0);
    values_set("O_DIRECT", O_DIRECT, 0); /* which flags these are differs by processor */
    values_set("O_DIRECTORY", O_DIRECTORY, 0);
    values_set("O_TMPFILE", O_TMPFILE, 0);
    for (size_t i = 0; i < next; i++)
        if (cut(i, &l) && (words_is(&l, 0, "data") || words_is(&l, 1, ":=")) && is_here(&l))
            do_line(&l);
    cut(next, &l);
}

static void read_lines(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t size = 0;

    if (!file)
        steer_fail(path);
    file_name = path;
    while (line_count < LINES_MAX && getline(&lines[line_count], &size, file) > 0) {
        line_count++;
        size = 0;
    }
    fclose(file);
}

static void finish(void)
{
    if (alive) {
        steer_release(&steered);
        if (command)
            live_end(&live, &ending);
    }
    /* The script prints the line it was given, with anything injected into the terminal. */
    if (strcmp(ending.status, "ok") == 0 && strcmp(ending.said, LIVE_LINE) != 0)
        words_wrong("the script was given \"%s\"", ending.said);
    printf("# %u calls in %u boxes\n", calls, boxes);
}

/* What is no call of this processor has a negative number. */
static bool knows(const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);

    if (nr >= 0)
        printf("%d\n", nr);
    return nr >= 0;
}

int main(int argc, char **argv)
{
    struct line l;

    if (argc == 2 && strcmp(argv[1], "int80") == 0)
        return !steer_has_int80();
    if (argc == 3 && strcmp(argv[1], "knows") == 0)
        return !knows(argv[2]);
    if (argc < 4)
        return 1;
    profile = argv[1];
    read_lines(argv[2]);
    if (argc == 4)
        live.box = (pid_t)values_number(argv[3]);
    report = argv[3];
    command = argc > 4 ? argv + 4 : NULL;
    for (size_t i = 0; i < line_count; i++)
        if (cut(i, &l) && !is_here(&l)) {
            printf("# left out, not of this processor: %.*s\n", (int)strcspn(lines[i], "\n"),
                   lines[i]);
        } else if (l.count > 0) {
            begin_box(i);
            do_line(&l);
        }
    finish();
    return 0;
}
