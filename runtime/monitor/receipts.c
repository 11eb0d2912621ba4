/* The receipts: what the kernel says of the box, compared with what the plan said. Taken after the
 * filter is loaded and before the gate, so that nothing of a bundle runs in a box that differs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/jail/idmap.h"
#include "runtime/monitor/box.h"

#define STATUS_BYTES 8192

static int differs(struct fault *why, const char *what, const char *have, const char *want)
{
    return fault_set(why, STATUS_SETUP, 0, "receipt", "%s is \"%s\" where \"%s\" was asked for",
                     what, have, want);
}

static int read_file(int dir, const char *name, char *text, size_t size, struct fault *why)
{
    autoclose int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (n < 0)
        return fault_set(why, STATUS_SETUP, errno, "receipt", "reading the box's /proc %s", name);
    text[n] = '\0';
    return 0;
}

/* The value of FIELD ("Seccomp") in a text of "Field:\tvalue" lines, or NULL. */
static const char *field(const char *text, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " \t");

            snprintf(out, size, "%.*s", (int)strcspn(value, "\n"), value);
            out[strcspn(out, "\n")] = '\0';
            return out;
        }
    }
    return NULL;
}

static int expect(const char *text, const char *name, const char *want, struct fault *why)
{
    char have[256];

    if (!field(text, name, have, sizeof have))
        return differs(why, name, "(absent)", want);
    return strcmp(have, want) == 0 ? 0 : differs(why, name, have, want);
}

static int check_status(const struct box *box, int proc, struct fault *why)
{
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
    char text[STATUS_BYTES], ids[64], caps[20];
    uint32_t uid = idmap_uid(box->plan, box->pid), gid = idmap_gid(box->plan, box->pid);

    if (read_file(proc, "status", text, sizeof text, why) < 0)
        return -1;
    snprintf(ids, sizeof ids, "%u\t%u\t%u\t%u", uid, uid, uid, uid);
    if (expect(text, "Uid", ids, why) < 0)
        return -1;
    snprintf(ids, sizeof ids, "%u\t%u\t%u\t%u", gid, gid, gid, gid);
    if (expect(text, "Gid", ids, why) < 0)
        return -1;
    snprintf(caps, sizeof caps, "%016llx", (unsigned long long)box->plan->capabilities);
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (expect(text, sets[i], caps, why) < 0)
            return -1;
    if (box->plan->own_ids && expect(text, "Groups", "", why) < 0)
        return -1;
    if (expect(text, "NoNewPrivs", "1", why) < 0 || expect(text, "Seccomp", "2", why) < 0)
        return -1;
    return expect(text, "Seccomp_filters", "1", why);
}

/* Lines of /proc/PID/limits stand in the kernel's own order, with names of 25 columns. */
static int check_rlimits(const struct box *box, int proc, struct fault *why)
{
    char text[4096], *line = text;

    if (read_file(proc, "limits", text, sizeof text, why) < 0)
        return -1;
    for (int i = 0; i < RLIM__COUNT; i++) {
        const struct plan_rlimit *want = &box->plan->rlimits[i];
        uint64_t value[2] = {RLIM_INFINITY, RLIM_INFINITY};
        char *at;

        line = strchr(line, '\n');
        if (!line || strlen(++line) < 26)
            return differs(why, "/proc/PID/limits", "(short)", "16 lines");
        at = line + 25;
        for (int side = 0; side < 2; side++) {
            at += strspn(at, " ");
            if (strncmp(at, "unlimited", 9) != 0)
                value[side] = strtoull(at, NULL, 10);
            at += strcspn(at, " \n");
        }
        if (value[0] != want->soft || value[1] != want->hard)
            return fault_set(why, STATUS_SETUP, 0, "receipt",
                             "rlimit \"%.*s\" is %llu:%llu where %llu:%llu was asked for", 25, line,
                             (unsigned long long)value[0], (unsigned long long)value[1],
                             (unsigned long long)want->soft, (unsigned long long)want->hard);
    }
    return 0;
}

static const char *const namespaces[BOX_NAMESPACES] = {"user", "mnt", "pid",    "net",
                                                       "ipc",  "uts", "cgroup", "time"};

void receipts_prepare(struct box *box)
{
    char path[32];
    struct stat st;

    for (size_t i = 0; i < BOX_NAMESPACES; i++) {
        snprintf(path, sizeof path, "/proc/self/ns/%s", namespaces[i]);
        box->own_ns[i] = stat(path, &st) < 0 ? 0 : st.st_ino;
    }
}

static int check_namespaces(const struct box *box, int proc, struct fault *why)
{
    char path[32];
    struct stat its;

    for (size_t i = 0; i < BOX_NAMESPACES; i++) {
        bool shared = box->plan->network == NETWORK_HOST && strcmp(namespaces[i], "net") == 0;

        snprintf(path, sizeof path, "ns/%s", namespaces[i]);
        if (!box->own_ns[i] || fstatat(proc, path, &its, 0) < 0)
            return fault_set(why, STATUS_SETUP, errno, "receipt", "reading namespace %s",
                             namespaces[i]);
        if ((box->own_ns[i] == its.st_ino) != shared)
            return differs(why, path, shared ? "its own" : "the monitor's",
                           shared ? "the host's" : "new");
    }
    return 0;
}

int receipts_read(const struct box *box, struct fault *why)
{
    char path[32];
    autoclose int proc = -1;

    snprintf(path, sizeof path, "/proc/%d", box->pid);
    proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return fault_set(why, STATUS_SETUP, errno, "receipt", "opening %s", path);
    if (check_status(box, proc, why) < 0 || check_rlimits(box, proc, why) < 0 ||
        check_namespaces(box, proc, why) < 0)
        return -1;
    if (group_verify(&box->group, &box->limits, why) < 0)
        return -1;
    return group_holds(&box->group, box->cgroups, box->pid, why);
}
