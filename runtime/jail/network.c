/* Loopback in a box's network namespace: a program of its own enters it, so that the broker neither
 * loads libmnl nor parses netlink answers. */
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "runtime/jail/exe.h"
#include "runtime/jail/jail.h"

int jail_loopback(struct jail *j, int pidfd, struct fault *why)
{
    char *const argv[] = {(char[]){"runbox-loopback"}, NULL};
    char *const envp[] = {NULL};
    char path[4096];
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = -1, err;

    if (jail_await_namespaces(j, why) < 0 ||
        exe_path("runbox-loopback", path, sizeof path, why) < 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    err = posix_spawn_file_actions_adddup2(&actions, pidfd, 3);
    if (!err)
        err = posix_spawn(&pid, path, &actions, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    if (err)
        return fault_set(why, STATUS_SETUP, err, "network", "starting %s", path);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        return fault_set(why, STATUS_SETUP, WIFEXITED(status) ? WEXITSTATUS(status) : 0, "network",
                         "bringing up the box's loopback device");
    return 0;
}
