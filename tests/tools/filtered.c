/* filtered COMMAND [ARGUMENT]...: run a command under a seccomp filter that allows everything, as
 * under a container runtime or a service manager. For tests; requires no_new_privs or root. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {1, allow};

    if (argc < 2 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
        return 1;
    execv(argv[1], argv + 1);
    perror(argv[1]);
    return 1;
}
