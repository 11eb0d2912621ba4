/* profile FILE COMMAND [ARGUMENT]...: run COMMAND behind the seccomp filter that a container engine makes of FILE, a
 * profile as Docker and podman have them, for this process's bounding set: what a profile says of capabilities is
 * about the container's. Of processors, the native one alone is allowed. Source: capabilities(7), seccomp_rule_add(3). */
#include <errno.h>
#include <json-c/json.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#define ARGS_MAX 6

static const char *text_of(struct json_object *o, const char *name)
{
    return json_object_get_string(json_object_object_get(o, name));
}

static uint64_t number_of(struct json_object *o, const char *name)
{
    return (uint64_t)json_object_get_int64(json_object_object_get(o, name));
}

static size_t length_of(struct json_object *list)
{
    return list ? json_object_array_length(list) : 0;
}

static const char *item_of(struct json_object *list, size_t i)
{
    return json_object_get_string(json_object_array_get_idx(list, i));
}

static bool is_bounded_in(const char *capability)
{
    char name[64];
    cap_value_t value;

    for (size_t i = 0; i < sizeof name; i++) {
        name[i] = (char)(capability[i] >= 'A' && capability[i] <= 'Z' ? capability[i] + 'a' - 'A'
                                                                      : capability[i]);
        if (!name[i])
            return cap_from_name(name, &value) == 0 && cap_get_bound(value) == 1;
    }
    return false;
}

static bool is_native(const char *processor)
{
    return strcmp(processor, seccomp_arch_native() == SCMP_ARCH_X86_64 ? "amd64" : "arm64") == 0;
}

/* Whether one of SET's names holds here; one that lists none holds not. */
static bool any_holds(struct json_object *set, const char *name, bool (*holds)(const char *item))
{
    struct json_object *list = json_object_object_get(set, name);

    for (size_t i = 0; i < length_of(list); i++)
        if (holds(item_of(list, i)))
            return true;
    return false;
}

static bool all_hold(struct json_object *set, const char *name, bool (*holds)(const char *item))
{
    struct json_object *list = json_object_object_get(set, name);

    for (size_t i = 0; i < length_of(list); i++)
        if (!holds(item_of(list, i)))
            return false;
    return true;
}

/* As in moby's and containers-common's own code: all capabilities that a rule includes, one processor of those; none
 * that it excludes. */
static bool rule_applies(struct json_object *rule)
{
    struct json_object *in = json_object_object_get(rule, "includes"),
                       *out = json_object_object_get(rule, "excludes");

    if (length_of(json_object_object_get(in, "arches")) && !any_holds(in, "arches", is_native))
        return false;
    return all_hold(in, "caps", is_bounded_in) && !any_holds(out, "caps", is_bounded_in) &&
           !any_holds(out, "arches", is_native);
}

static enum scmp_compare compare_of(const char *name)
{
    static const struct {
        const char *name;
        enum scmp_compare op;
    } ops[] = {{"SCMP_CMP_NE", SCMP_CMP_NE},
               {"SCMP_CMP_EQ", SCMP_CMP_EQ},
               {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};

    for (size_t i = 0; name && i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(ops[i].name, name) == 0)
            return ops[i].op;
    return _SCMP_CMP_MIN;
}

/* How many comparisons the rule has, or -1: one that is not known. */
static int take_args(struct json_object *list, struct scmp_arg_cmp *args)
{
    size_t n = length_of(list);

    if (n > ARGS_MAX)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct json_object *arg = json_object_array_get_idx(list, i);

        args[i] =
            (struct scmp_arg_cmp){(unsigned)number_of(arg, "index"), compare_of(text_of(arg, "op")),
                                  number_of(arg, "value"), number_of(arg, "valueTwo")};
        if (args[i].op == _SCMP_CMP_MIN)
            return -1;
    }
    return (int)n;
}

/* SCMP_ACT_KILL: an action that is not known. */
static uint32_t action_of(const char *name, uint64_t error)
{
    return !name                                 ? SCMP_ACT_KILL
           : strcmp(name, "SCMP_ACT_ALLOW") == 0 ? SCMP_ACT_ALLOW
           : strcmp(name, "SCMP_ACT_ERRNO") == 0 ? SCMP_ACT_ERRNO((unsigned)error)
                                                 : SCMP_ACT_KILL;
}

/* A name that libseccomp does not know is no call to it, nor to the engines. 0, or a negative errno. */
static int add_rule(scmp_filter_ctx ctx, uint32_t otherwise, struct json_object *rule)
{
    struct json_object *names = json_object_object_get(rule, "names");
    uint32_t action = action_of(text_of(rule, "action"), number_of(rule, "errnoRet"));
    struct scmp_arg_cmp args[ARGS_MAX];
    int argc = take_args(json_object_object_get(rule, "args"), args), rc = 0;

    if (argc < 0 || action == SCMP_ACT_KILL)
        return -EINVAL;
    if (action == otherwise || !rule_applies(rule))
        return 0;
    for (size_t i = 0; i < length_of(names) && rc == 0; i++) {
        int nr = seccomp_syscall_resolve_name(item_of(names, i));

        if (nr >= 0)
            rc = seccomp_rule_add_array(ctx, action, nr, (unsigned)argc, args);
    }
    return rc;
}

static int load(struct json_object *profile)
{
    struct json_object *rules = json_object_object_get(profile, "syscalls");
    uint32_t otherwise =
        action_of(text_of(profile, "defaultAction"), number_of(profile, "defaultErrnoRet"));
    scmp_filter_ctx ctx = otherwise == SCMP_ACT_KILL || !rules ? NULL : seccomp_init(otherwise);
    int rc = ctx ? 0 : -EINVAL;

    for (size_t i = 0; i < length_of(rules) && rc == 0; i++)
        rc = add_rule(ctx, otherwise, json_object_array_get_idx(rules, i));
    if (rc == 0)
        rc = seccomp_load(ctx);
    seccomp_release(ctx);
    return rc;
}

int main(int argc, char **argv)
{
    struct json_object *profile = argc > 2 ? json_object_from_file(argv[1]) : NULL;
    int rc = profile ? load(profile) : -EINVAL;

    json_object_put(profile);
    if (rc < 0) {
        fprintf(stderr, "profile: %s: %s\n", argc > 1 ? argv[1] : "which?", strerror(-rc));
        return 1;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
}
