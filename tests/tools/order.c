/* order KIND [FIELD=VALUE]...: print one order of a monitor to its broker (runtime/broker/order.h)
 * in hexadecimal: for tests in which a compromised monitor sends it. KIND is a name; "kind" and
 * "size" override the order's kind and its length, which are 0 for an unknown name. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/broker/order.h"
#include "tests/tools/field.h"

static union order u;

static const struct {
    const char *name;
    uint32_t kind;
    size_t size;
} kinds[] = {
    {"name", ORDER_NAME, sizeof u.name},
    {"ask", ORDER_ASK, sizeof u.ask},
    {"mount", ORDER_MOUNT, sizeof u.mount},
    {"box", ORDER_BOX, sizeof u.box},
    {"module", ORDER_MODULE, sizeof(struct order_plain)},
    {"file", ORDER_FILE, sizeof u.file},
    {"clock", ORDER_CLOCK, sizeof(struct order_plain)},
    {"kill", ORDER_KILL, sizeof(struct order_plain)},
    {"artifact", ORDER_ARTIFACT, sizeof u.artifact},
    {"artifact-done", ORDER_ARTIFACT_DONE, sizeof(struct order_plain)},
    {"report", ORDER_REPORT, sizeof u.report},
    {"remove", ORDER_REMOVE, sizeof(struct order_plain)},
    {"grant", ORDER_GRANT, sizeof u.name},
    {"plan", ORDER_PLAN, sizeof u.box},
    {"cold", ORDER_COLD, sizeof u.pool},
    {"fork", ORDER_FORK, sizeof u.pool},
    {"start", ORDER_START, sizeof u.pool},
    {"exit", ORDER_EXIT, sizeof u.pool},
    {"end", ORDER_END, sizeof u.pool},
    {"bundle", ORDER_BUNDLE, sizeof u.bundle},
    {"dismiss", ORDER_DISMISS, sizeof u.dismiss},
    {"listen", ORDER_LISTEN, sizeof(struct order_plain)},
    {"ready", ORDER_READY, sizeof(struct order_plain)},
    {"page", ORDER_PAGE, sizeof(struct order_plain)},
};

static const struct field fields[] = {
#define FIELD(name, member) {name, &u.member, sizeof u.member}
    FIELD("name.name", name.name),
    FIELD("what", ask.what),
    FIELD("ask.name", ask.name),
    FIELD("index", file.index),
    FIELD("inside", mount.inside),
    FIELD("rw", mount.rw),
    FIELD("source", mount.source),
    FIELD("target", mount.target),
    FIELD("profile", box.profile),
    FIELD("network", box.network),
    FIELD("entry_named", box.entry_named),
    FIELD("keys", box.keys),
    FIELD("scratch", box.scratch),
    FIELD("texts", box.texts),
    FIELD("files", box.files),
    FIELD("name", box.name),
    FIELD("hostname", box.hostname),
    FIELD("memory", box.asked.value[LIMIT_MEMORY]),
    FIELD("wall_time", box.asked.value[LIMIT_WALL_TIME]),
    FIELD("processes", box.asked.value[LIMIT_PROCESSES]),
    FIELD("rlimit.soft", box.rlimits[RLIM_NOFILE].soft),
    FIELD("rlimit.hard", box.rlimits[RLIM_NOFILE].hard),
    FIELD("rlimit.set", box.rlimits[RLIM_NOFILE].set),
    FIELD("pool.box", pool.box),
    FIELD("pool.lowers", pool.lowers),
    FIELD("pool.keys", pool.keys),
    FIELD("pool.memory", pool.limits.value[LIMIT_MEMORY]),
    FIELD("pool.wall_time", pool.limits.value[LIMIT_WALL_TIME]),
    FIELD("pool.processes", pool.limits.value[LIMIT_PROCESSES]),
    FIELD("bundle.named", bundle.named),
    FIELD("bundle.index", bundle.index),
    FIELD("bundle.path", bundle.path),
    FIELD("artifact.name", artifact.name),
    FIELD("report.status", report.report.status),
    FIELD("report.message", report.report.message),
    FIELD("report.signal", report.report.signal),
    FIELD("report.counter", report.report.counter),
    FIELD("report.layer", report.report.enforced[LIMIT_MEMORY].layer),
#undef FIELD
};

static void set(char *text)
{
    char *value = strchr(text, '=');

    if (!value)
        exit(2);
    *value++ = '\0';
    field_set(fields, sizeof fields / sizeof fields[0], text, value);
}

/* Start from an order that an honest monitor could send. */
static void begin(const char *kind)
{
    if (strcmp(kind, "name") == 0 || strcmp(kind, "grant") == 0) {
        strcpy(u.name.name, "b");
    } else if (strcmp(kind, "ask") == 0) {
        strcpy(u.ask.name, "aws");
    } else if (strcmp(kind, "mount") == 0) {
        strcpy(u.mount.source, "/etc");
        strcpy(u.mount.target, "/data");
    } else if (strcmp(kind, "cold") == 0 || strcmp(kind, "start") == 0) {
        for (int i = 0; i < LIMIT__COUNT; i++)
            u.pool.limits.value[i] = LIMIT_NONE;
    } else if (strcmp(kind, "bundle") == 0) {
        u.bundle.named = 1;
    } else if (strcmp(kind, "box") == 0 || strcmp(kind, "plan") == 0) {
        for (int i = 0; i < LIMIT__COUNT; i++)
            u.box.asked.value[i] = LIMIT_NONE;
        u.box.texts = 100;
        strcpy(u.box.name, "b");
        strcpy(u.box.hostname, "box");
    } else if (strcmp(kind, "artifact") == 0) {
        strcpy(u.artifact.name, "a.txt");
    }
}

int main(int argc, char **argv)
{
    uint32_t kind = 0;
    size_t size = 0;

    for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, argv[1]) == 0) {
            kind = kinds[i].kind;
            size = kinds[i].size;
        }
    if (argc < 2)
        return 2;
    begin(argv[1]);
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "kind=", 5) == 0)
            kind = (uint32_t)strtoul(argv[i] + 5, NULL, 0);
        else if (strncmp(argv[i], "size=", 5) == 0)
            size = strtoul(argv[i] + 5, NULL, 0);
        else
            set(argv[i]);
    }
    u.kind = kind;
    for (size_t i = 0; i < size; i++)
        printf("%02x", i < sizeof u ? ((unsigned char *)&u)[i] : 0u);
    return fflush(stdout) == 0 ? 0 : 1;
}
