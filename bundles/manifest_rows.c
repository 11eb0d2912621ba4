/* The manifest's members, one row each, as listed in runbox-manifest(5): what each may be, and
 * where it is stored. The struct points into the JSON document, which it owns (manifest_free()). */
#include "bundles/manifest_rows.h"

#include <stdlib.h>
#include <string.h>

#include "bundles/shape.h"
#include "runtime/json/schema/schema.h"
#include "runtime/json/utf8.h"
#include "schemas/capability.h"

#define ENV_MAX    256
#define TO(member) .offset = offsetof(struct manifest, member)

static void load_version_number(struct loader *l, const struct path *at, struct json_object *value,
                                const struct member *row, void *base)
{
    char shown[BRIEF];
    uint64_t n = 0;

    (void)row;
    (void)base;
    if (whole_number(value, &n) < 0 || n != 1)
        wrong(l, at, "unsupported manifest version %s: this runbox supports 1",
              brief_value(value, shown));
}

static void load_entry(struct loader *l, const struct path *at, struct json_object *value,
                       const struct member *row, void *base)
{
    l->m->entry_named = true;
    load_text(l, at, value, row, base);
}

static struct schema *rows_compile(struct loader *l, const struct path *at,
                                   struct json_object *value)
{
    return schema_compile_within(value, (struct schema_mode){0}, at, l->meter, l->f);
}

void load_arg(struct loader *l, const struct path *at, struct json_object *value,
              const struct member *row, void *base)
{
    struct export *e = (struct export *)(void *)((char *)base + row->offset);

    e->arg = value;
    e->arg_schema = rows_compile(l, at, value);
}

void load_result(struct loader *l, const struct path *at, struct json_object *value,
                 const struct member *row, void *base)
{
    struct export *e = (struct export *)(void *)((char *)base + row->offset);

    e->result = value;
    e->result_schema = rows_compile(l, at, value);
}

static void load_options(struct loader *l, const struct path *at, struct json_object *value,
                         const struct member *row, void *base)
{
    const struct path here = {.up = at, .name = "type"};
    struct json_object *type;

    (void)row;
    (void)base;
    l->m->options = value;
    if (json_object_object_get_ex(value, "type", &type) &&
        !(json_object_is_type(type, json_type_string) && json_c_string(type) &&
          strcmp(json_object_get_string(type), "object") == 0))
        wrong(l, &here,
              "options are always an object: their schema's type must be \"object\" or absent");
    l->m->options_schema = rows_compile(l, at, value);
}

static void load_profile(struct loader *l, const struct path *at, struct json_object *value,
                         const struct member *row, void *base)
{
    static const char *const profiles[] = {"compute", "files", "network"};
    int i = load_word(l, at, value, profiles, MEMBER_COUNT(profiles));

    (void)row;
    (void)base;
    l->profile_wrong = i < 0;
    if (i >= 0)
        l->m->profile = (enum profile)i;
}

static void load_network(struct loader *l, const struct path *at, struct json_object *value,
                         const struct member *row, void *base)
{
    static const char *const networks[] = {"none", "loopback", "host"};
    int i = load_word(l, at, value, networks, MEMBER_COUNT(networks));

    (void)row;
    (void)base;
    if (i >= 0)
        l->m->network = (enum network)i;
}

static const struct member seccomp[] = {
    MEMBER("profile", IS_STRING, load_profile),
    MEMBER("allow", IS_ARRAY, load_names, TO(allow), .check = shape_syscall, .max = 64,
           .max_count = 512, .right = "a system call's name (lower-case letters, digits and _)"),
};

static void load_seccomp(struct loader *l, const struct path *at, struct json_object *value,
                         const struct member *row, void *base)
{
    (void)row;
    load_members(l, at, value, seccomp, MEMBER_COUNT(seccomp), base);
}

static const struct member namespaces[] = {
    MEMBER("network", IS_STRING, load_network),
    MEMBER("hostname", IS_STRING, load_text, TO(hostname), .check = shape_hostname, .max = 64,
           .right = "a host name (labels of at most 63 letters, digits and -, separated by dots)"),
};

static void load_namespaces(struct loader *l, const struct path *at, struct json_object *value,
                            const struct member *row, void *base)
{
    (void)row;
    load_members(l, at, value, namespaces, MEMBER_COUNT(namespaces), base);
}

static void load_env(struct loader *l, const struct path *at, struct json_object *value,
                     const struct member *row, void *base)
{
    struct manifest *m = base;
    size_t count = (size_t)json_object_object_length(value);
    char shown[BRIEF];

    (void)row;
    if (count > ENV_MAX) {
        wrong(l, at, "too many variables: %zu, at most %d allowed", count, ENV_MAX);
        return;
    }
    if (!count)
        return;
    m->env = calloc(count, sizeof *m->env);
    if (!m->env) {
        l->f->no_memory = true;
        return;
    }
    json_object_object_foreach(value, name, text)
    {
        const struct path here = {.up = at, .name = name};
        struct member rule = {.max = 32768, .offset = offsetof(struct pair, value)};

        if (!shape_env_name(name) || utf8_count(name, strlen(name)) > 256)
            findings_add(l->f, &here, NULL, true,
                         "%s is not a variable's name (1 to 256 characters without \"=\")",
                         brief_text(name, shown));
        else if (type_is(l, &here, text, IS_STRING)) {
            m->env[m->env_count].name = name;
            load_text(l, &here, text, &rule, &m->env[m->env_count++]);
        }
    }
}

static void load_annotations(struct loader *l, const struct path *at, struct json_object *value,
                             const struct member *row, void *base)
{
    load_object(l, at, value, row, base);
    json_object_object_foreach(value, name, text)
    {
        const struct path here = {.up = at, .name = name};

        type_is(l, &here, text, IS_STRING);
    }
}

static bool is_capability(const char *text)
{
    return capability_find(text) >= 0;
}

static const char *near_capability(const char *text)
{
    struct suggestion near = suggest(text);

    for (int i = 0; i < CAPABILITY_COUNT; i++)
        suggest_try(&near, capability_text[i]);
    return near.best;
}

#define METHOD "a name (letters, digits and _ . : -)"

const struct member manifest_rows[MANIFEST_ROWS] = {
    MEMBER("$schema", IS_STRING, NULL),
    MEMBER("runbox", IS_NUMBER, load_version_number, .required = true),
    MEMBER(
        "name", IS_STRING, load_text, TO(name), .required = true, .check = shape_name, .max = 128,
        .right = "a bundle's name (lower-case letters, digits and . _ -, starting with a letter or "
                 "digit; it may contain one \"/\")"),
    MEMBER("version", IS_STRING, load_text, TO(version), .required = true, .check = shape_version,
           .max = 128, .right = "a version (three numbers, such as 1.0.0: semver.org)"),
    MEMBER("description", IS_STRING, load_prose, .max = 4096),
    MEMBER("author", IS_STRING, load_prose, .max = 256),
    MEMBER("license", IS_STRING, load_prose, .max = 256),
    MEMBER("main", IS_STRING, load_text, TO(main), .check = shape_lua_file, .max = 1024,
           .right =
               "a Lua file's path inside the bundle, such as \"main.lua\" or \"src/main.lua\""),
    MEMBER("entry", IS_STRING, load_entry, TO(entry), .check = shape_lua_name, .max = 128,
           .right = "a Lua name (letters, digits and _, not starting with a digit, not a keyword)"),
    MEMBER("arg", IS_OBJECT | IS_BOOLEAN, load_arg, TO(own)),
    MEMBER("options", IS_OBJECT, load_options),
    MEMBER("result", IS_OBJECT | IS_BOOLEAN, load_result, TO(own)),
    MEMBER("exports", IS_OBJECT, load_exports),
    MEMBER("keyring_access", IS_ARRAY, load_names, TO(keyring_access), .check = shape_namespace,
           .max = 128, .max_count = 64, .right = "letters, digits and _ . -, such as \"aws\""),
    MEMBER("calls", IS_ARRAY, load_names, TO(calls), .check = shape_method, .max = 128,
           .max_count = 512, .right = METHOD),
    MEMBER("limits", IS_OBJECT, load_limits),
    MEMBER("rlimits", IS_OBJECT, load_rlimits),
    MEMBER("seccomp", IS_OBJECT, load_seccomp),
    MEMBER("namespaces", IS_OBJECT, load_namespaces),
    MEMBER("filesystem", IS_OBJECT, load_filesystem),
    MEMBER("capabilities", IS_ARRAY, load_names, TO(capabilities), .check = is_capability,
           .max = 64, .max_count = CAPABILITY_COUNT, .near = near_capability,
           .right = "one of the 41 capabilities of capabilities(7)"),
    MEMBER("env", IS_OBJECT, load_env),
    MEMBER("annotations", IS_OBJECT, load_annotations, TO(annotations)),
};
