/* A plan for people: what is asked for, what is applied, what enforces it. Texts from a manifest
 * are made visible, including line ends: none can forge a line of this table. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/plan/dump.h"
#include "runtime/plan/rules.h"
#include "runtime/wire/text.h"
#include "schemas/capability.h"

#define WIDTH 100 /* columns of a wrapped list */

const char *asker_text(enum asker by)
{
    static const char *const texts[] = {"default", "manifest", "option"};

    return texts[by];
}

const char *rlimit_text(enum rlim r)
{
    static const char *const texts[RLIM__COUNT] = {
#define RLIM(id, text, dflt) text,
#include "schemas/rlimits.def"
#undef RLIM
    };

    return texts[r];
}

const char *profile_text(enum profile p)
{
    static const char *const texts[] = {"compute", "files", "network"};

    return texts[p];
}

const char *network_text(enum network n)
{
    static const char *const texts[] = {"none", "loopback", "host"};

    return texts[n];
}

const char *namespace_text(const struct plan *p, int i)
{
    static const char *const texts[] = {"user", "mount", "pid", "ipc", "uts", "cgroup"};
    const int always = sizeof texts / sizeof texts[0];

    if (i < always)
        return texts[i];
    i -= always;
    if (!p->no_time_namespace && i-- == 0)
        return "time";
    return i == 0 && p->network != NETWORK_HOST ? "network" : NULL;
}

/* Begin a line of a section with its name. */
static void label(struct str *out, const char *name)
{
    str_addf(out, "  %-14s", name);
}

static void dump_add_text(struct str *out, const char *text)
{
    for (;;) {
        size_t n = strcspn(text, "\n\t");

        text_visible(out, text, n);
        if (!text[n])
            return;
        str_addf(out, "<U+%04X>", (unsigned)text[n]);
        text += n + 1;
    }
}

/* Append WORD, wrapping the line. FROM: where the line begins in OUT. */
static void add_word(struct str *out, size_t *from, const char *word)
{
    if (out->len - *from + strlen(word) > WIDTH) {
        str_addc(out, '\n');
        *from = out->len;
        label(out, "");
    }
    str_addc(out, ' ');
    dump_add_text(out, word);
}

static void add_names(struct str *out, const char *name, const struct names *names)
{
    size_t from = out->len;

    if (names->count == 0)
        return;
    label(out, name);
    for (size_t i = 0; i < names->count; i++)
        add_word(out, &from, names->item[i]);
    str_addc(out, '\n');
}

static void add_limits(struct str *out, const struct plan *p)
{
    char asked[32], effective[32], full[64];

    str_adds(out, "\nLIMITS           asked                applied   held by\n");
    for (int l = 0; l < LIMIT__COUNT; l++) {
        const struct plan_limit *limit = &p->limits[l];

        limit_print((enum limit)l, limit->asked, asked, sizeof asked);
        limit_print((enum limit)l, limit->effective, effective, sizeof effective);
        snprintf(full, sizeof full, "%s (%s)", asked, asker_text(limit->by));
        label(out, limit_info[l].text);
        str_addf(out, " %-20s %-9s %s\n", full, effective,
                 limit->layer == LAYER_NONE ? "-" : layer_text(limit->layer));
    }
    limit_print(LIMIT_MEMORY, p->arena, effective, sizeof effective);
    str_addf(out, "  of memory, %s is the script's arena\n", effective);
}

static void add_rlimits(struct str *out, const struct plan *p)
{
    size_t from = out->len;
    char soft[24], hard[24], word[80];

    label(out, "rlimits");
    for (int r = 0; r < RLIM__COUNT; r++) {
        const struct plan_rlimit *l = &p->rlimits[r];

        snprintf(soft, sizeof soft, "%llu", (unsigned long long)l->soft);
        snprintf(hard, sizeof hard, "%llu", (unsigned long long)l->hard);
        snprintf(word, sizeof word, "%s=%s%s%s", rlimit_text((enum rlim)r),
                 l->soft == UINT64_MAX ? "unlimited" : soft, l->soft == l->hard ? "" : ":",
                 l->soft == l->hard      ? ""
                 : l->hard == UINT64_MAX ? "unlimited"
                                         : hard);
        add_word(out, &from, word);
    }
    str_addc(out, '\n');
}

static void add_calls(struct str *out, const struct plan *p)
{
    size_t from = out->len;
    const char *name;
    bool bounded;

    label(out, "system calls");
    for (size_t at = 0; (name = rules_next(p->profile, &at, &bounded));) {
        char word[64];

        snprintf(word, sizeof word, "%s%s", name, bounded ? "(...)" : "");
        add_word(out, &from, word);
    }
    str_addf(out, "\n  %-14s profile \"%s\"%s\n", "", profile_text(p->profile),
             p->profile == PROFILE_COMPUTE ? "" : "; (...): only with some arguments");
    add_names(out, "granted calls", &p->allow);
}

static void add_capabilities(struct str *out, const struct plan *p)
{
    size_t from = out->len;

    label(out, "capabilities");
    for (int i = 0; i < CAPABILITY_COUNT; i++)
        if (p->capabilities >> i & 1)
            add_word(out, &from, capability_text[i]);
    str_adds(out, p->capabilities ? "\n" : " none\n");
}

static void add_confinement(struct str *out, const struct plan *p)
{
    const char *space;
    size_t from;

    str_adds(out, "\nCONFINEMENT\n");
    from = out->len;
    label(out, "namespaces");
    for (int i = 0; (space = namespace_text(p, i)); i++)
        add_word(out, &from, space);
    str_addc(out, '\n');
    label(out, "network");
    str_addf(out, " %s\n", network_text(p->network));
    label(out, "hostname");
    str_addc(out, ' ');
    dump_add_text(out, p->hostname);
    str_addc(out, '\n');
    label(out, "ids");
    str_addf(out, " %u:%u inside; outside ", p->uid_inside, p->gid_inside);
    if (p->own_ids)
        str_addf(out, "ids of its own, from %u on\n", p->uid_base);
    else
        str_addf(out, "%u:%u\n", p->uid_outside, p->gid_outside);
    add_capabilities(out, p);
    add_calls(out, p);
    if (p->unnamed) {
        label(out, "other calls");
        str_addf(out, " kill the box without being named: %s\n", unnamed_cause(p->unnamed));
    }
    add_rlimits(out, p);
    label(out, "landlock");
    if (p->landlock_abi > 0)
        str_addf(out, " ABI %d\n", p->landlock_abi);
    else
        str_adds(out, " not in this kernel\n");
}

static void add_files(struct str *out, const struct plan *p)
{
    char scratch[32];

    if (p->profile == PROFILE_COMPUTE)
        return;
    str_adds(out, "\nFILES\n");
    label(out, "/bundle");
    str_adds(out, " ro  the bundle's digested bytes\n");
    if (p->scratch) {
        limit_print(LIMIT_MEMORY, p->scratch, scratch, sizeof scratch);
        label(out, "/tmp");
        str_addf(out, " rw  scratch, %s\n", scratch);
    }
    for (size_t i = 0; i < p->mount_count; i++) {
        size_t from = out->len;

        str_adds(out, "  ");
        dump_add_text(out, p->mounts[i].target);
        while (!out->failed && out->len - from < 16)
            str_addc(out, ' ');
        str_addf(out, " %s  ", p->mounts[i].rw ? "rw" : "ro");
        dump_add_text(out, p->mounts[i].source);
        str_adds(out, p->mounts[i].inside ? " in the bundle\n" : "\n");
    }
}

static void add_grants(struct str *out, const struct plan *p)
{
    autostr struct str options = {0};

    if (p->granted.count + p->missing.count + p->beyond.count == 0)
        return;
    str_adds(out, "\nGRANTS\n");
    for (size_t i = 0; i < p->granted.count; i++) {
        label(out, "granted");
        str_addc(out, ' ');
        dump_add_text(out, p->granted.item[i]);
        str_addf(out, " (%s)\n", p->granted_by.item[i]);
    }
    for (size_t i = 0; i < p->missing.count; i++) {
        label(out, "MISSING");
        str_addc(out, ' ');
        dump_add_text(out, p->missing.item[i]);
        str_addc(out, '\n');
    }
    for (size_t i = 0; i < p->beyond.count; i++) {
        label(out, "NEVER");
        str_addf(out, " limit:%s\n", p->beyond.item[i]);
    }
    if (p->missing.count == 0)
        return;
    plan_hints(p, "  ", "\n", out);
    plan_options(p, &options);
    label(out, "to grant it:");
    str_addc(out, ' ');
    dump_add_text(out, options.failed ? "" : options.data);
    str_addc(out, '\n');
}

void plan_table(const struct plan *p, struct str *out)
{
    dump_add_text(out, p->name);
    str_addc(out, ' ');
    dump_add_text(out, p->version);
    str_addf(out, "%s%s\n", p->digest[0] ? "  sha256 " : "", p->digest);
    if (p->export[0])
        str_addf(out, "export %s\n", p->export);
    add_limits(out, p);
    add_confinement(out, p);
    add_files(out, p);
    if (p->calls.count || p->keyring.count || p->env_count)
        str_adds(out, "\nCALLER\n");
    add_names(out, "calls", &p->calls);
    add_names(out, "keyring", &p->keyring);
    for (size_t i = 0; i < p->env_count; i++) {
        label(out, i ? "" : "env");
        str_addc(out, ' ');
        dump_add_text(out, p->env[i].name);
        str_addc(out, '=');
        dump_add_text(out, p->env[i].value);
        str_addc(out, '\n');
    }
    add_grants(out, p);
}
