/* runtime/batch/output.c, wire/result.c: results that are read back, wherever a crash has cut them. */
#include "runtime/batch/output.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/wire/result.h"
#include "tests/unit/tap.h"

static char path[] = "/tmp/fleet_output.XXXXXX";

static void put(const char *text, size_t n)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, text, n) != (ssize_t)n)
        exit(99);
    close(fd);
}

static bool holds(const char *text)
{
    char got[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, got, sizeof got);

    close(fd);
    return n == (ssize_t)strlen(text) && memcmp(got, text, (size_t)n) == 0;
}

static bool has_job(const struct finished *k, const char *id, uint64_t line)
{
    autostr struct str key = {0};

    result_key(id, strlen(id), line, &key);
    return finished_as(k, key.data, key.len) != FINISHED_NOT;
}

static int resume(struct output *o, const char *from, unsigned how, struct finished *done,
                  struct resumed *found, struct fault *why)
{
    int fd, r = output_resume_open(o, from, how, &fd, why);

    if (r == 0)
        r = output_resume(fd, from, how, -1, done, found, why);
    if (fd >= 0 && (r < 0 || !(how & RESUME_WRITE)))
        close(fd);
    return r;
}

static const char whole[] =
    "{\"id\":1,\"status\":\"ok\",\"result\":{\"status\":\"setup\",\"id\":99}}\n"
    "{\"id\":\"1\",\"status\":\"error\"}\n"
    "{\"id\":\"\\u0061\\n\",\"status\":\"memory\"}\n"
    "{\"id\":null,\"line\":4,\"status\":\"invalid\"}\n"
    "{\"id\":5,\"status\":\"setup\"}\n"
    "{\"id\":6,\"status\":\"cancelled\"}\n"
    "{\"id\":7,\"status\":\"ok\"}\n";

static void test_whole(void)
{
    struct resumed found;
    struct fault why = {0};
    struct finished done;
    struct output o;

    put(whole, strlen(whole));
    finished_open(&done, &why);
    ok(resume(&o, path, RESUME_WRITE, &done, &found, &why) == 0, "it is read: %s", why.what);
    ok(found.done == 5 && found.again == 2 && found.broken == 0 && !found.cut, "5 done, 2 again");
    ok(has_job(&done, "1", 0) && has_job(&done, "\"1\"", 0) && has_job(&done, "7", 0),
       "integers and texts");
    ok(has_job(&done, "\"a\\n\"", 0) && has_job(&done, "\"\\u0061\\u000a\"", 0),
       "one id, however it is spelt");
    ok(has_job(&done, "null", 4) && !has_job(&done, "4", 0) && !has_job(&done, "null", 3),
       "a line that was no job is known by its number");
    ok(!has_job(&done, "5", 0) && !has_job(&done, "6", 0) && !has_job(&done, "99", 0),
       "setup and cancelled are run again; what is inside a result is none");
    output_line(&o, "{\"id\":8}\n", 9);
    output_close(&o);
    finished_close(&done);
}

/* The file cut off after CUT bytes: how many things are wrong. */
static size_t cut_wrong(size_t cut)
{
    autostr struct str want = {0};
    struct resumed found;
    struct fault why = {0};
    struct finished done;
    struct output o = {.own = -1};
    size_t lines = 0, end = 0, wrong;
    bool newline =
        whole[cut] != '\n'; /* all but it is there: a whole result, which gets it again */

    for (size_t i = 0; i < cut; i++)
        if (whole[i] == '\n') {
            lines++;
            end = i + 1;
        }
    lines += !newline;
    end = newline ? end : cut;
    put(whole, cut);
    finished_open(&done, &why);
    wrong = resume(&o, path, RESUME_WRITE, &done, &found, &why) < 0;
    wrong += found.done + found.again != lines || found.broken || found.cut != (end < cut);
    output_line(&o, "{}\n", 3);
    output_close(&o);
    finished_close(&done);
    str_add(&want, whole, end);
    str_adds(&want, newline ? "{}\n" : "\n{}\n");
    return wrong + !holds(want.data);
}

/* Wherever the file ends, whole results are left, and those are what is known. */
static void test_cuts(void)
{
    size_t wrong = 0, n = strlen(whole);

    for (size_t cut = 0; cut <= n; cut++)
        wrong += cut_wrong(cut);
    ok(wrong == 0, "cut off anywhere: %zu of %zu ends are wrong", wrong, n + 1);
}

static const struct {
    const char *text, *what;
    uint64_t broken;
} odd[] = {
    {"{\"id\":1,\"status\":\"ok\"}\n{\"id\":2,\"sta\n{\"id\":3,\"status\":\"ok\"}\n", NULL, 1},
    {"{\"id\":1,\"status\":\"great\"}\n", "line 1 is no result", 0},
    {"{\"id\":null,\"status\":\"ok\"}\n", "line 1 is no result", 0},
    {"{\"id\":[],\"status\":\"ok\"}\n", "line 1 is no result", 0},
    {"{\"id\":1}", "line 1 is no result", 0},
    {"{\"arg\":1}\n", "line 1 is no result", 0},
    {"{\"id\":1,\"status\":\"ok\"}\nhello\n", "line 2 is no result", 0},
    {"{\"id\":1,\"status\":\"ok\"}\nhello", "line 2 is no result", 0},
    {"\n{\"i\n \t", NULL, 1},
};

static void test_odd(void)
{
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct resumed found;
        struct fault why = {0};
        struct finished done;
        struct output o = {.own = -1};
        int r;

        put(odd[i].text, strlen(odd[i].text));
        finished_open(&done, &why);
        r = resume(&o, path, RESUME_WRITE, &done, &found, &why);
        if (odd[i].what)
            ok(r < 0 && strstr(why.what, odd[i].what) && holds(odd[i].text), "left alone: %s",
               why.what);
        else
            ok(r == 0 && found.broken == odd[i].broken, "%zu: a broken line is not taken", i);
        output_close(&o);
        finished_close(&done);
    }
}

static void test_ends(void)
{
    struct resumed found;
    struct fault why = {0};
    struct finished done = {0};
    struct output o, second;

    put("{\"id\":1", 7);
    ok(output_open(&o, path, -1, &why) == 0, "appending without --resume");
    output_line(&o, "{}\n", 3);
    ok(holds("{\"id\":1\n{}\n"), "what a crash left of a line is ended first");
    ok(resume(&second, path, RESUME_WRITE, &done, &found, &why) < 0 &&
           strstr(why.what, "another runbox batch"),
       "a second writer: %s", why.what);
    output_close(&o);
    ok(output_open(&o, "/dev/full", -1, &why) == 0 &&
           output_open(&second, "/dev/full", -1, &why) == 0,
       "a full disk, and a device that two may write to");
    output_close(&second);
    output_line(&o, "{}\n", 3);
    ok(output_check(&o, &why) < 0 && why.status == STATUS_SETUP, "is said: %s", why.what);
    output_close(&o);
    unlink(path);
    ok(resume(&o, path, 0, &done, &found, &why) < 0, "nothing to resume: %s", why.what);
    ok(resume(&o, path, RESUME_WRITE, &done, &found, &why) == 0 && found.done == 0,
       "but to begin with");
    output_close(&o);
}

int main(void)
{
    close(mkstemp(path));
    test_whole();
    test_cuts();
    test_odd();
    test_ends();
    unlink(path);
    return done();
}
