/* What only a grant gives, except mounts: keyring namespaces, the host's network,
 * capabilities, system calls beyond the profile's. Trusts the form of the manifest's names,
 * not what they ask for. */
#include <string.h>

#include "runtime/json/brief.h"
#include "runtime/json/finding.h"
#include "runtime/plan/filter.h"
#include "runtime/plan/parts.h"
#include "runtime/plan/rules.h"
#include "schemas/capability.h"

static int ask_keyring(struct plan *p, const struct ask *a, struct fault *why)
{
    const struct names *asked = &a->manifest->keyring_access;

    for (size_t i = 0; i < asked->count; i++) {
        int given = grants_ask(p, a->grants, "keyring", asked->item[i], why);

        if (given < 0)
            return -1;
        if (given && !names_have(&p->keyring, asked->item[i]) &&
            names_add(&p->keyring, asked->item[i]) < 0)
            return plan_no_memory(why);
    }
    return 0;
}

static int ask_network(struct plan *p, const struct ask *a, struct fault *why)
{
    int given = 0;

    p->network = a->manifest->network;
    if (p->network == NETWORK_HOST) {
        given = grants_ask(p, a->grants, "network", "host", why);
        if (given == 0)
            p->network = NETWORK_NONE;
    }
    return given < 0 ? -1 : 0;
}

static int ask_capabilities(struct plan *p, const struct ask *a, struct fault *why)
{
    const struct names *asked = &a->manifest->capabilities;

    for (size_t i = 0; i < asked->count; i++) {
        int number = capability_find(asked->item[i]), given;

        if (number < 0)
            return fault_set(why, STATUS_INVALID, 0, "manifest.json",
                             "/capabilities/%zu: no capability is called \"%s\"", i,
                             asked->item[i]);
        given = grants_ask(p, a->grants, "capability", asked->item[i], why);
        if (given < 0)
            return -1;
        if (given)
            p->capabilities |= 1ull << number;
    }
    return 0;
}

static int ask_syscall(struct plan *p, const struct ask *a, size_t i, struct fault *why)
{
    const char *name = a->manifest->allow.item[i], *never = filter_never(name);
    char shown[BRIEF];
    int given;

    if (never)
        return fault_set(why, STATUS_INVALID, 0, "manifest.json",
                         "/seccomp/allow/%zu: %s cannot be allowed: %s", i, brief_text(name, shown),
                         never);
    if (rules_within(p->profile, name) || names_have(&p->allow, name))
        return 0;
    given = grants_ask(p, a->grants, "syscall", name, why);
    if (given < 0)
        return -1;
    return given && names_add(&p->allow, name) < 0 ? plan_no_memory(why) : 0;
}

int plan_rights(struct plan *p, const struct ask *a, struct fault *why)
{
    if (ask_keyring(p, a, why) < 0 || ask_network(p, a, why) < 0 || ask_capabilities(p, a, why) < 0)
        return -1;
    for (size_t i = 0; i < a->manifest->allow.count; i++)
        if (ask_syscall(p, a, i, why) < 0)
            return -1;
    return 0;
}
