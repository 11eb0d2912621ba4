/* A plan as JSON, for programs and for golden tests: members in a fixed order, numbers in base
 * units (bytes, nanoseconds, thousandths of a CPU), null for unlimited or absent. Reads the plan,
 * decides nothing. */
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/plan/dump.h"
#include "runtime/plan/rules.h"
#include "runtime/wire/text.h"
#include "schemas/capability.h"

struct writer {
    struct str *out;
    unsigned depth;
    bool first; /* in its object or array */
    bool flat;  /* on one line: the rows of a table */
};

static void dump_json_member(struct writer *w, const char *name)
{
    if (!w->first)
        str_addc(w->out, ',');
    if (w->flat && !w->first)
        str_addc(w->out, ' ');
    else if (w->depth && !w->flat)
        str_addf(w->out, "\n%*s", (int)(2 * w->depth), "");
    w->first = false;
    if (name) {
        text_quote(w->out, name, strlen(name));
        str_adds(w->out, ": ");
    }
}

static void dump_json_begin(struct writer *w, const char *name, char bracket)
{
    dump_json_member(w, name);
    str_addc(w->out, bracket);
    w->depth++;
    w->first = true;
}

static void dump_json_end(struct writer *w, char bracket)
{
    w->depth--;
    if (!w->first && !w->flat)
        str_addf(w->out, "\n%*s", (int)(2 * w->depth), "");
    str_addc(w->out, bracket);
    w->first = false;
    w->flat = false;
}

static void begin_row(struct writer *w, const char *name, char bracket)
{
    dump_json_begin(w, name, bracket);
    w->flat = true;
}

static void put_text(struct writer *w, const char *name, const char *text)
{
    dump_json_member(w, name);
    if (text && *text)
        text_quote(w->out, text, strlen(text));
    else
        str_adds(w->out, "null");
}

static void put_number(struct writer *w, const char *name, uint64_t value)
{
    dump_json_member(w, name);
    if (value == UINT64_MAX)
        str_adds(w->out, "null");
    else
        str_addf(w->out, "%llu", (unsigned long long)value);
}

static void put_bool(struct writer *w, const char *name, bool value)
{
    dump_json_member(w, name);
    str_adds(w->out, value ? "true" : "false");
}

static void put_names(struct writer *w, const char *name, const struct names *names)
{
    dump_json_begin(w, name, '[');
    for (size_t i = 0; i < names->count; i++)
        put_text(w, NULL, names->item[i]);
    dump_json_end(w, ']');
}

static void put_limits(struct writer *w, const struct plan *p)
{
    dump_json_begin(w, "limits", '{');
    for (int l = 0; l < LIMIT__COUNT; l++) {
        begin_row(w, limit_info[l].text, '{');
        put_number(w, "asked", p->limits[l].asked);
        put_text(w, "by", asker_text(p->limits[l].by));
        put_number(w, "effective", p->limits[l].effective);
        put_text(w, "layer", layer_text(p->limits[l].layer));
        dump_json_end(w, '}');
    }
    dump_json_end(w, '}');
    put_number(w, "arena", p->arena);
    begin_row(w, "groups", '{');
    for (int c = 0; c < CONTROLLER__COUNT; c++)
        if (p->group[c])
            put_text(w, controller_text((enum controller)c, HIERARCHY_V2),
                     p->home[c] == HIERARCHY_V1 ? "cgroup1" : "cgroup2");
    dump_json_end(w, '}');
    dump_json_begin(w, "rlimits", '{');
    for (int r = 0; r < RLIM__COUNT; r++) {
        begin_row(w, rlimit_text((enum rlim)r), '{');
        put_number(w, "soft", p->rlimits[r].soft);
        put_number(w, "hard", p->rlimits[r].hard);
        dump_json_end(w, '}');
    }
    dump_json_end(w, '}');
}

static void put_ids(struct writer *w, const struct plan *p)
{
    begin_row(w, "ids", '{');
    put_number(w, "uid_inside", p->uid_inside);
    put_number(w, "gid_inside", p->gid_inside);
    put_bool(w, "own", p->own_ids);
    if (p->own_ids) {
        put_number(w, "uid_base", p->uid_base);
    } else {
        put_number(w, "uid_outside", p->uid_outside);
        put_number(w, "gid_outside", p->gid_outside);
    }
    dump_json_end(w, '}');
    begin_row(w, "capabilities", '[');
    for (int i = 0; i < CAPABILITY_COUNT; i++)
        if (p->capabilities >> i & 1)
            put_text(w, NULL, capability_text[i]);
    dump_json_end(w, ']');
}

static void put_seccomp(struct writer *w, const struct plan *p)
{
    const char *name;
    bool bounded;

    dump_json_begin(w, "seccomp", '{');
    put_text(w, "profile", profile_text(p->profile));
    begin_row(w, "calls", '[');
    for (size_t at = 0; (name = rules_next(p->profile, &at, &bounded));)
        if (!bounded)
            put_text(w, NULL, name);
    dump_json_end(w, ']');
    begin_row(w, "bounded", '[');
    for (size_t at = 0; (name = rules_next(p->profile, &at, &bounded));)
        if (bounded)
            put_text(w, NULL, name);
    dump_json_end(w, ']');
    put_names(w, "granted", &p->allow);
    put_text(w, "unnamed", unnamed_word(p->unnamed));
    dump_json_end(w, '}');
}

static void put_namespaces(struct writer *w, const struct plan *p)
{
    dump_json_begin(w, "namespaces", '{');
    begin_row(w, "new", '[');
    for (int i = 0; namespace_text(p, i); i++)
        put_text(w, NULL, namespace_text(p, i));
    dump_json_end(w, ']');
    put_text(w, "network", network_text(p->network));
    put_text(w, "hostname", p->hostname);
    dump_json_end(w, '}');
    put_number(w, "landlock_abi", (uint64_t)p->landlock_abi);
}

static void put_filesystem(struct writer *w, const struct plan *p)
{
    dump_json_begin(w, "filesystem", '{');
    put_bool(w, "bundle", p->profile != PROFILE_COMPUTE);
    put_number(w, "scratch", p->scratch);
    dump_json_begin(w, "mounts", '[');
    for (size_t i = 0; i < p->mount_count; i++) {
        begin_row(w, NULL, '{');
        put_text(w, "source", p->mounts[i].source);
        put_text(w, "target", p->mounts[i].target);
        put_bool(w, "inside", p->mounts[i].inside);
        put_text(w, "mode", p->mounts[i].rw ? "rw" : "ro");
        dump_json_end(w, '}');
    }
    dump_json_end(w, ']');
    dump_json_end(w, '}');
}

int plan_json(const struct plan *p, struct str *out)
{
    struct writer w = {.out = out, .first = true};

    dump_json_begin(&w, NULL, '{');
    put_text(&w, "name", p->name);
    put_text(&w, "version", p->version);
    put_text(&w, "digest", p->digest);
    put_text(&w, "main", p->main);
    put_text(&w, "entry", p->entry);
    if (p->export[0])
        put_text(&w, "export", p->export);
    put_bool(&w, "entry_named", p->entry_named);
    put_limits(&w, p);
    put_ids(&w, p);
    put_seccomp(&w, p);
    put_namespaces(&w, p);
    put_filesystem(&w, p);
    put_names(&w, "keyring", &p->keyring);
    put_names(&w, "calls", &p->calls);
    dump_json_begin(&w, "env", '{');
    for (size_t i = 0; i < p->env_count; i++) {
        dump_json_member(&w, p->env[i].name);
        text_quote(out, p->env[i].value, strlen(p->env[i].value));
    }
    dump_json_end(&w, '}');
    dump_json_begin(&w, "grants", '{');
    put_names(&w, "given", &p->granted);
    put_names(&w, "given_by", &p->granted_by);
    put_names(&w, "missing", &p->missing);
    put_names(&w, "beyond", &p->beyond);
    put_bool(&w, "changed", p->changed);
    put_bool(&w, "unbound", p->unbound);
    dump_json_end(&w, '}');
    dump_json_end(&w, '}');
    str_addc(out, '\n');
    return out->failed ? -1 : 0;
}
