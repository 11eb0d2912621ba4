/* bundles/bundle.c and tree.c: what is read, in which order, with which digest; and what is
 * refused. Works in a directory of its own below TMPDIR, which it removes. */
#include "bundles/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bundles/manifest.h"
#include "tests/unit/tap.h"

static char top[256];

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* Begin an empty bundle, and stand in it. */
static void begin(void)
{
    if (chdir("/") < 0)
        abort();
    nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (mkdir(top, 0755) < 0 || chdir(top) < 0)
        abort();
}

static void put(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
        abort();
    close(fd);
}

static void put_size(const char *path, off_t size)
{
    put(path, "", 0);
    if (truncate(path, size) < 0)
        abort();
}

/* The bundle is refused, and the fault says PART about PATH. */
static void refused(const char *path, const char *part, const char *name)
{
    char where[512];
    struct bundle *b = NULL;
    struct fault why = {0};
    int r = bundle_open(top, &b, &why);

    snprintf(where, sizeof where, "%s%s%s", top, *path ? "/" : "", path);
    ok(r < 0 && strstr(why.what, part) && strcmp(why.where, where) == 0 &&
           why.status == STATUS_INVALID,
       "refused: %s (%s: %s)", name, why.where, why.what);
    if (r == 0)
        bundle_free(b);
}

static void test_good(void)
{
    static const char *const order[] = {"a-b.lua",        "a.lua", "a/b.lua",
                                        "a/\xc3\xa9.lua", "empty", "main.lua"};
    struct bundle *b = NULL;
    struct fault why = {0};
    bool sorted = true;

    begin();
    if (mkdir("a", 0755) < 0 || mkdir(".git", 0755) < 0 || mkdir("none", 0755) < 0 ||
        symlink("/etc/passwd", ".hidden") < 0 || mkfifo(".git/fifo", 0644) < 0)
        abort();
    put("main.lua", "print 'x'\0y", 11);
    put("a.lua", "1", 1);
    put("a/b.lua", "2", 1);
    put("a/\xc3\xa9.lua", "3", 1);
    put("a-b.lua", "4", 1);
    put("empty", "", 0);
    put(".git/config", "x", 1);
    if (!ok(bundle_open(top, &b, &why) == 0, "a bundle is read (%s: %s)", why.where, why.what))
        return;
    for (size_t i = 0; i < b->count && i < 6; i++)
        sorted = sorted && strcmp(b->files[i].path, order[i]) == 0;
    ok(b->count == 6 && sorted, "files are sorted bytewise, hidden names are no part of it");
    ok(bundle_find(b, "main.lua") && bundle_find(b, "main.lua")->size == 11 &&
           memcmp(bundle_find(b, "main.lua")->bytes, "print 'x'\0y", 12) == 0,
       "contents, NUL and all, with a NUL behind");
    ok(b->size == 15, "sizes add up");
    ok(bundle_has(b, "a") && bundle_has(b, "a/b.lua") && !bundle_has(b, "none") &&
           !bundle_has(b, "a/b") && !bundle_find(b, "a"),
       "files and directories are told apart");
    bundle_free(b);
}

/* The expected digest was made with other tools: see the encoding in bundle.h. */
static void test_digest(void)
{
    static const struct bundle_file files[] = {{"a/b.lua", "x\ny", 3}, {"main.lua", "", 0}};
    struct bundle *b = NULL;
    struct fault why;
    char hex[65];

    bundle_digest(files, 2, hex);
    ok(strcmp(hex, "8a099d6734ab34fd8c552fa62de4f26a13d5e07a1a5874a2f8d7dffae3fe5f43") == 0,
       "the digest is the documented one (%s)", hex);
    begin();
    if (mkdir("a", 0755) < 0)
        abort();
    put("a/b.lua", "x\ny", 3);
    put("main.lua", "", 0);
    if (chmod("main.lua", 0600) < 0)
        abort();
    ok(bundle_open(top, &b, &why) == 0 && strcmp(b->digest, hex) == 0,
       "and that of the bytes read");
    bundle_free(b);
}

static void test_kinds(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "sock"};
    int fd;

    begin();
    put("main.lua", "", 0);
    if (symlink("main.lua", "link.lua") < 0)
        abort();
    refused("link.lua", "symbolic link", "a link to a file of the bundle");
    begin();
    if (symlink("/etc", "etc") < 0)
        abort();
    refused("etc", "symbolic link", "a link to a directory outside");
    begin();
    if (mkfifo("fifo.lua", 0644) < 0)
        abort();
    refused("fifo.lua", "FIFO", "a FIFO, without blocking");
    begin();
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        abort();
    close(fd);
    refused("sock", "socket", "a socket");
    begin();
    if (mknod("null", S_IFCHR | 0644, 0x0103) == 0)
        refused("null", "device", "a device");
    else
        ok(errno == EPERM, "devices: only root can make one, and this is not root");
}

static void test_names(void)
{
    begin();
    put("a\xff.lua", "", 0);
    refused("a\xff.lua", "not UTF-8", "a name that is not UTF-8");
    begin();
    put("a\x1b[2J", "", 0);
    refused("a\x1b[2J", "control characters", "a name with an escape");
    begin();
    put("a\xc2\x9b", "", 0);
    refused("a\xc2\x9b", "control characters", "a name with a C1 control character");
}

static void test_bounds(void)
{
    char path[64] = "d";
    struct bundle *b = NULL;
    struct fault why;

    begin();
    put_size("big", BUNDLE_FILE_MAX);
    ok(bundle_open(top, &b, &why) == 0 && b->size == BUNDLE_FILE_MAX, "a file of 4 MiB fits");
    bundle_free(b);
    put_size("big", BUNDLE_FILE_MAX + 1);
    refused("big", "4 MiB", "a file of a byte more");
    begin();
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "f%d", i);
        put_size(path, i < 4 ? (off_t)BUNDLE_FILE_MAX : 1);
    }
    refused("f4", "16 MiB", "a byte over 16 MiB");
    begin();
    for (int i = 0; i < BUNDLE_FILES_MAX; i++) {
        snprintf(path, sizeof path, "f%d", i);
        put(path, "", 0);
    }
    ok(bundle_open(top, &b, &why) == 0 && b->count == BUNDLE_FILES_MAX, "1024 files fit");
    bundle_free(b);
    put("one-more", "", 0);
    refused("", "1024 files", "one file more");
    begin();
    strcpy(path, "d");
    for (int i = 0; i <= BUNDLE_DEPTH_MAX; i++) {
        if (mkdir(path, 0755) < 0)
            abort();
        strcat(path, "/d");
    }
    refused("d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d", "deep", "the 17th name");
}

static void test_paths(void)
{
    struct findings f = {0};
    struct bundle *b = NULL;
    struct manifest *m = NULL;
    struct fault why;
    char file[300];

    begin();
    put("manifest.json", "{}", 2);
    snprintf(file, sizeof file, "%s/manifest.json", top);
    ok(bundle_open(file, &b, &why) < 0 && strstr(why.what, "name the directory"), "a file: %s",
       why.what);
    snprintf(file, sizeof file, "%s/none", top);
    ok(bundle_open(file, &b, &why) < 0 && why.err == ENOENT && why.status == STATUS_INVALID,
       "nothing there: %s: %s", why.where, why.what);
    /* Files of proc(5) say they are empty and are not: as if they grew while they are read. */
    ok(bundle_open("/proc/sys/kernel/random", &b, &why) < 0 && strstr(why.what, "changed"),
       "more bytes than there were: %s: %s", why.where, why.what);
    begin();
    put("main.lua", "", 0);
    if (ok(bundle_open(".", &b, &why) == 0, "the directory one stands in"))
        ok(manifest_load(b, &m, &f, &why) < 0 && !f.count && strstr(why.what, "no manifest.json"),
           "no manifest: %s: %s", why.where, why.what);
    bundle_free(b);
}

static int descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    int before = descriptors();

    snprintf(top, sizeof top, "%s/runbox-bundle.%d", tmp ? tmp : "/tmp", (int)getpid());
    test_good();
    test_digest();
    test_kinds();
    test_names();
    test_bounds();
    test_paths();
    ok(descriptors() == before, "no descriptor is left open");
    begin();
    if (chdir("/") == 0)
        rmdir(top);
    return done();
}
