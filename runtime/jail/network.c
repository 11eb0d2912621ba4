/* Loopback in a box's network namespace: a program of its own enters it, so that the broker neither
 * loads libmnl nor parses netlink answers. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/jail/diagnosis.h"
#include "runtime/jail/exe.h"
#include "runtime/jail/jail.h"

#define NOT_LOADED 127 /* the exit status of ld.so(8); all others are runbox-loopback's, an errno */

int jail_loopback(struct jail *j, int pidfd, struct fault *why)
{
    char *const argv[] = {(char[]){"runbox-loopback"}, NULL};
    char *const envp[] = {NULL};
    char path[4096];
    /* For ld.so's words: what is missing is told here, in one line. */
    autoclose int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = -1, err = 0;

    if (jail_await_namespaces(j, why) < 0 ||
        exe_path("runbox-loopback", path, sizeof path, why) < 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    if (nowhere >= 0) /* first: it may be 3 */
        err = posix_spawn_file_actions_adddup2(&actions, nowhere, STDERR_FILENO);
    if (!err)
        err = posix_spawn_file_actions_adddup2(&actions, pidfd, 3);
    if (!err)
        err = posix_spawn(&pid, path, &actions, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    if (err)
        return fault_set(why, STATUS_SETUP, err, "network", "starting %s", path);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return 0;
    err = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    if (err == NOT_LOADED)
        fault_set(why, STATUS_SETUP, ELIBACC, "network", "starting %s", path);
    else
        fault_set(why, STATUS_SETUP, err, "network", "bringing up the box's loopback device");
    return diagnosis_add(why, "network");
}
