/* runtime/base/fields.c, and those who read kernel texts with it, over texts of any shape: whole, cut, strange. Files of a
 * directory of this test's stand for control files. */
#include "runtime/base/fields.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cgroups/admin.h"
#include "cgroups/files.h"
#include "cgroups/group.h"
#include "runtime/state/store.h"
#include "tests/unit/tap.h"

static int dir;

static void put(const char *file, const char *text)
{
    int fd = openat(dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool all = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (!all)
        ok(false, "writing %s", file);
    close(fd);
}

static void test_cursors(void)
{
    char text[16];
    struct field rest = field_of("a  b\tc\nd\ncut"), line, word;
    uint64_t n = 7;

    ok(field_line(&rest, &line) && field_word(&line, &word) && field_is(word, "a") &&
           field_word(&line, &word) && field_is(word, "b") && field_word(&line, &word) &&
           field_is(word, "c") && !field_word(&line, &word),
       "words between blanks and tabs");
    ok(field_line(&rest, &line) && field_is(line, "d") && !field_line(&rest, &line),
       "a line that was cut is none");
    rest = field_of("x::y");
    ok(field_until(&rest, ':', &word) && field_is(word, "x") && field_until(&rest, ':', &word) &&
           word.n == 0 && field_until(&rest, ':', &word) && field_is(word, "y") &&
           !field_until(&rest, ':', &word),
       "fields between delimiters, an empty one too");
    ok(field_listed(field_of("cpu,cpuacct"), ',', "cpu") &&
           !field_listed(field_of("cpuset,cpuacct"), ',', "cpu") &&
           field_listed(field_of(""), ',', ""),
       "an item of a list, not a part of one");
    ok(field_number(field_of("18446744073709551615"), &n) == 0 && n == UINT64_MAX &&
           field_number(field_of("18446744073709551616"), &n) < 0 &&
           field_number(field_of("-1"), &n) < 0 && field_number(field_of("1k"), &n) < 0 &&
           field_number(field_of(""), &n) < 0 && field_number(field_of(" 1"), &n) < 0,
       "a number is digits alone, and fits");
    ok(field_key_number("Pid2:\t1\nNSpid:\t2\nPid:\t3\n", "Pid", ':', &n) == 0 && n == 3 &&
           field_key_number("Pid:\t3", "Pid", ':', &n) < 0 &&
           field_key_number("x Pid:\t3\n", "Pid", ':', &n) < 0 &&
           field_key_number("Pid:\t-1\n", "Pid", ':', &n) < 0,
       "a key is all that stands before its delimiter");
    ok(field_text(field_of("/a\\040b\\134040\\377"), text, sizeof text) == 0 &&
           strcmp(text, "/a b\\040\377") == 0 &&
           field_text(field_of("\\04\\0x0\\400"), text, 12) == 0 &&
           strcmp(text, "\\04\\0x0\\400") == 0 && field_text(field_of("12345678"), text, 8) < 0,
       "a path of a table of mounts: octal escapes, whole, and nothing else for one");
}

static void test_files(void)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t value;
    } values[] = {
        {"1048576\n", true, 1048576},
        {"max\n", true, UINT64_MAX},
        {"max 100000\n", true, UINT64_MAX},
        {"25000 100000\n", true, 25000},
        {"-1\n", true, UINT64_MAX},
        {"", false, 0},
        {"\n", false, 0},
        {"maximal\n", false, 0},
        {"12x\n", false, 0},
        {"104857", false, 0},
        {"-2\n", false, 0},
        {"99999999999999999999\n", false, 0},
    };
    uint64_t n;

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        put("value", values[i].text);
        n = 0;
        ok((cgroup_read(dir, "value", &n) == 0) == values[i].good && n == values[i].value,
           "\"%.*s\" is %s", (int)strcspn(values[i].text, "\n"), values[i].text,
           values[i].good ? "read" : "no value");
    }
    ok(cgroup_read(dir, "missing", &n) < 0, "no file is no value");
    put("events", "low 0\noom 1\noom_kill 2\noom_group_kill 3\n");
    ok(cgroup_read_key(dir, "events", "oom", &n) == 0 && n == 1, "oom is not oom_kill");
    ok(cgroup_read_key(dir, "events", "kill", &n) < 0, "nor kill");
    put("words", "cpuset memory\n");
    ok(!cgroup_has_word(dir, "words", "cpu") && cgroup_has_word(dir, "words", "memory"),
       "words are compared whole");
    put("words", "cpuset cpu");
    ok(!cgroup_has_word(dir, "words", "cpu"), "a list that was cut is not believed");
}

/* A group whose io files are this directory's. */
static int verify(enum hierarchy version, uint64_t rate, const char *file, const char *text)
{
    struct group g = GROUP_INIT;
    struct group_limits l = {.memory = GROUP_UNLIMITED,
                             .swap = GROUP_UNLIMITED,
                             .pids = GROUP_UNLIMITED,
                             .cpu_milli = GROUP_UNLIMITED,
                             .io_read = rate,
                             .io_write = GROUP_UNLIMITED,
                             .device = {makedev(8, 0)},
                             .devices = 1};
    struct fault why;

    put(file, text);
    snprintf(g.name, sizeof g.name, "test");
    g.place[0] = (struct group_place){.version = version, .parent = -1, .dir = dir, .join = -1};
    g.places = 1;
    g.dir[CONTROLLER_IO] = dir;
    return group_verify(&g, &l, &why);
}

static void test_io(void)
{
    static const char v1[] = "blkio.throttle.read_bps_device";

    ok(verify(HIERARCHY_V1, 1024, v1, "8:16 7\n8:0 1024\n") == 0, "v1: the device's line");
    ok(verify(HIERARCHY_V1, 1024, v1, "18:0 1024\n") < 0, "8:0 is not in 18:0");
    ok(verify(HIERARCHY_V1, 1024, v1, "8:0 10240\n") < 0, "1024 is not in 10240");
    ok(verify(HIERARCHY_V1, 1024, v1, "18:0 1024\n8:0 1024\n") == 0,
       "nor is the one behind it hidden");
    ok(verify(HIERARCHY_V1, 1024, v1, "8:0 1024") < 0, "a line that was cut is not believed");
    ok(verify(HIERARCHY_V1, 1024, v1, "") < 0, "no line is no limit");
    ok(verify(HIERARCHY_V2, 1024, "io.max", "8:0 rbps=1024 wbps=max riops=max wiops=max\n") == 0,
       "v2: the device's line");
    ok(verify(HIERARCHY_V2, 1024, "io.max", "8:0 riops=max wbps=max rbps=1024\n") == 0,
       "in another order");
    ok(verify(HIERARCHY_V2, 1024, "io.max", "8:0 xrbps=1024 rbps=10240\n") < 0,
       "keys are compared whole");
    ok(verify(HIERARCHY_V2, 1024, "io.max", "18:0 rbps=1024\n8:0 rbps=max\n") < 0,
       "another device's rate is not this one's");
}

static void test_proc_cgroups(void)
{
    static const char text[] = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
                               "cpuset\t3\t1\t1\ncpu\t1\t1\t0\nmemory\t4\t9\t1\npids\t8\t1\n";

    ok(admin_in_kernel(text, CONTROLLER_MEMORY) == 1 &&
           admin_in_kernel(text, CONTROLLER_CPU) == 0 && admin_in_kernel(text, CONTROLLER_IO) == -1,
       "/proc/cgroups: there, disabled, not built in");
    ok(admin_in_kernel(text, CONTROLLER_PIDS) == -1 &&
           admin_in_kernel("memory\t4\t9\t1", CONTROLLER_MEMORY) == -1 &&
           admin_in_kernel("", CONTROLLER_MEMORY) == -1,
       "a line with a column less, a line that was cut, nothing");
}

static void test_keys(void)
{
    static const char *const strange[] = {
        "user;0;0;3f3f0000;note;runbox:aws:X",
        "keyring;0;0;3f3f0000;runbox:aws:X",
        "user;0;0;3f3f0000;xrunbox:aws:X",
        "user;0;0;runbox:aws:X",
        "user;0;0;3f3f0000;runbox:",
        "users;0;0;3f3f0000;runbox:aws:X",
        "user;0;0;3f3f0000;",
        "user",
        "",
    };
    struct key k;

    ok(store_described("user;0;0;3f3f0000;runbox:aws:X", &k) && strcmp(k.ns, "aws") == 0 &&
           strcmp(k.access, "X") == 0,
       "a key of ours");
    ok(store_described("user;0;0;3f3f0000;runbox:aws:a;runbox:b:c", &k) &&
           strcmp(k.access, "a;runbox:b:c") == 0,
       "with semicolons in its name");
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        ok(!store_described(strange[i], &k), "\"%s\" is none", strange[i]);
}

int main(void)
{
    char path[] = "/tmp/runbox-fields-XXXXXX";
    static const char *const files[] = {"value", "events", "words", "io.max",
                                        "blkio.throttle.read_bps_device"};

    if (!mkdtemp(path) || (dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        return 1;
    test_cursors();
    test_files();
    test_io();
    test_proc_cgroups();
    test_keys();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlinkat(dir, files[i], 0);
    rmdir(path);
    close(dir);
    return done();
}
