/* A key that the caller brings is in the monitor from its reading until the start line is written,
 * and no longer: every buffer that held it is overwritten. The kernel's copies are out of reach:
 * pages of the key file in its cache, and bytes in the wire that the box has not read yet. */
#include "runtime/cmd/run_keys.h"

#include <errno.h>
#include <sys/resource.h>

#include "runtime/json/json.h"
#include "runtime/state/keyring.h"

/* 1, not 0: if core_pattern is a pipe to a program, the kernel ignores 0, but does not dump at 1;
 * and no core file is that small. */
void keys_no_core(void)
{
    struct rlimit core;

    if (getrlimit(RLIMIT_CORE, &core) < 0)
        return;
    core.rlim_cur = core.rlim_max > 1 ? 1 : core.rlim_max;
    setrlimit(RLIMIT_CORE, &core);
}

int keys_read(const struct input_file *file, int signals, int *signo, struct start *s,
              struct fault *why)
{
    autosecret struct str text = {.secret = true};

    if (input_whole(file, signals, signo, &text, why) < 0)
        return -1;
    return keyring_parse(text.data, text.len, file->path, &s->keyring, why);
}

void keys_forget(struct start *s, struct lines *from)
{
    if (!s->keyring)
        return;
    json_wipe(s->keyring);
    s->keyring = NULL;
    lines_forget(from);
}
