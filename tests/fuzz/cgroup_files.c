/* Control files of a group, cgroups/files.c: the kernel's word, but cut off anywhere, or of a kernel that
 * nobody has seen yet. The input is what a file holds, read through /proc/self/fd. */
#include "cgroups/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/judge/judge.h"

/* "max", or digits, then one of ENDS, in a line that is whole. */
static bool number(const char *text, const char *ends, uint64_t *value)
{
    unsigned __int128 v = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9' && v <= UINT64_MAX; at++)
        v = v * 10 + (unsigned)(*at - '0');
    *value = (uint64_t)v;
    if (strncmp(text, "max", 3) == 0) {
        *value = UINT64_MAX;
        at = text + 3;
    }
    return at > text && v <= UINT64_MAX && *at && strchr(ends, *at) && strchr(at, '\n');
}

/* The kernel pads no number and signs none: those spellings are not compared. */
static bool is_plain(const char *text)
{
    return !strpbrk(text, "+-\t\v\f\r") && *text != ' ' && *text != '\n' && !strstr(text, "  ") &&
           !strstr(text, " \n");
}

static void check_number(int dir, const char *name, const char *text)
{
    uint64_t value = 0, want;
    char cut[64];
    bool there = cgroup_read(dir, name, &value) == 0;

    snprintf(cut, sizeof cut, "%s", text);
    if (is_plain(cut))
        must(there == number(cut, " \n", &want) && (!there || value == want), "%llu",
             (unsigned long long)value);
}

static void check_key(int dir, const char *name, const char *text)
{
    static const char key[] = "oom_kill ";
    uint64_t value = 0, want;
    char cut[4096];
    bool there = cgroup_read_key(dir, name, "oom_kill", &value) == 0;
    const char *line;

    snprintf(cut, sizeof cut, "%s", text);
    line = strncmp(cut, key, sizeof key - 1) == 0 ? cut : strstr(cut, "\noom_kill ");
    if (!line)
        must(!there && errno == ENOENT, "a key out of nothing");
    else if (is_plain(cut))
        must(there == number(line + (*line == '\n') + sizeof key - 1, "\n", &want) &&
                 (!there || value == want),
             "%llu", (unsigned long long)value);
}

static void check_words(int dir, const char *name, const char *text)
{
    char cut[4096];
    bool has = cgroup_has_word(dir, name, "cpu");

    snprintf(cut, sizeof cut, "%s", text);
    must(!has || strstr(cut, "cpu"), "a word out of nothing");
    must(has || strcmp(cut, "cpu\n") != 0, "a word is lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int dir = -1;
    char text[8192], name[16];
    int file;

    if (n >= sizeof text || memchr(data, '\0', n))
        return 0;
    if (dir < 0)
        dir = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
    file = memfd_create("control", MFD_CLOEXEC);
    must(dir >= 0 && file >= 0 && write(file, data, n) == (ssize_t)n, "errno %d", errno);
    snprintf(name, sizeof name, "%d", file);
    memcpy(text, data, n);
    text[n] = '\0';
    check_number(dir, name, text);
    check_key(dir, name, text);
    check_words(dir, name, text);
    close(file);
    return 0;
}
