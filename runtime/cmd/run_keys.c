/* A key is in the monitor from the moment it is read until the start line has gone, and no longer: every
 * buffer that held it is overwritten. What stays outside runbox's reach is the kernel's: pages of the
 * store's file in its cache, and bytes in the wire that the box has not read yet. */
#include "runtime/cmd/run_keys.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "runtime/cmd/input.h"
#include "runtime/state/keyring.h"
#include "schemas/json.h"

/* 1, not 0: with a pattern that pipes cores to a program the kernel asks 0 for nothing, but stops at 1;
 * and no core is that small. */
void keys_no_core(void)
{
    struct rlimit core;

    if (getrlimit(RLIMIT_CORE, &core) < 0)
        return;
    core.rlim_cur = core.rlim_max > 1 ? 1 : core.rlim_max;
    setrlimit(RLIMIT_CORE, &core);
}

int keys_read(const char *path, int signals, int *signo, struct start *s, struct fault *why)
{
    autosecret struct str text = {.secret = true};

    if (input_whole(path, signals, signo, &text, why) < 0)
        return -1;
    return keyring_parse(text.data, text.len, path, &s->keyring, why);
}

/* Not before the box is made: a child of a process that is not dumpable belongs to root in /proc, and an
 * ordinary user could not write its id maps. */
int keys_load(const struct plan *p, int store, struct start *s, struct fault *why)
{
    if (p->keyring.count == 0)
        return 0;
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        return fault_set(why, STATUS_SETUP, errno, "keyring", "closing this process to others");
    if (s->keyring)
        return 0;
    return keyring_load(store < 0 ? store_default() : (enum store)store, &p->keyring, &s->keyring,
                        why);
}

void keys_forget(struct start *s, struct lines *from)
{
    if (!s->keyring)
        return;
    json_wipe(s->keyring);
    s->keyring = NULL;
    lines_forget(from);
}
