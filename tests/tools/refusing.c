/* refusing ERROR CALL[,CALL]... COMMAND [ARGUMENT]...: run COMMAND behind a seccomp filter by which these system calls
 * fail with ERROR (EPERM, ENOSYS, EACCES), as behind a container's; or, where that is KILL, kill. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint32_t action_of(const char *name)
{
    return strcmp(name, "KILL") == 0     ? SCMP_ACT_KILL_PROCESS
           : strcmp(name, "EPERM") == 0  ? SCMP_ACT_ERRNO(EPERM)
           : strcmp(name, "ENOSYS") == 0 ? SCMP_ACT_ERRNO(ENOSYS)
                                         : SCMP_ACT_ERRNO(EACCES);
}

int main(int argc, char **argv)
{
    scmp_filter_ctx ctx = argc > 3 ? seccomp_init(SCMP_ACT_ALLOW) : NULL;
    char *rest = argc > 3 ? argv[2] : NULL, *name;

    if (!ctx)
        return 1;
    while ((name = strsep(&rest, ","))) {
        int nr = seccomp_syscall_resolve_name(name);

        if (nr == __NR_SCMP_ERROR)
            fprintf(stderr, "refusing: no call is called %s\n", name);
        if (nr == __NR_SCMP_ERROR || (nr >= 0 && /* else it is not this processor's */
                                      seccomp_rule_add(ctx, action_of(argv[1]), nr, 0) < 0))
            return 1;
    }
    if (seccomp_load(ctx) < 0)
        return 1;
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    return 1;
}
