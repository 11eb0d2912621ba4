/* supervised CALL[,CALL]... COMMAND [ARGUMENT]...: run COMMAND below a seccomp filter with a listener, as Incus and sysbox
 * do. A supervisor, which is nobody's child and ends when no process has the filter any more, lets each of these calls
 * continue. */
#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    fprintf(stderr, "supervised: %s: %s\n", what, strerror(errno));
    exit(1);
}

union control {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr head;
};

/* The message that passes a descriptor: one byte, and room for it. */
static struct msghdr *message(union control *c)
{
    static char byte;
    static struct iovec part = {&byte, 1};
    static struct msghdr m;

    m = (struct msghdr){
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof *c};
    return &m;
}

static void pass(int to, int fd)
{
    union control c = {.head = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};

    memcpy(CMSG_DATA(&c.head), &fd, sizeof fd);
    if (sendmsg(to, message(&c), 0) < 0)
        die("sendmsg");
}

static int taken(int from)
{
    union control c;
    int fd;

    if (recvmsg(from, message(&c), MSG_CMSG_CLOEXEC) <= 0)
        exit(1);
    memcpy(&fd, CMSG_DATA(&c.head), sizeof fd);
    return fd;
}

/* A call whose process was killed meanwhile waits for nothing (ENOENT). */
static _Noreturn void supervise(int listener)
{
    struct pollfd p = {.fd = listener, .events = POLLIN};
    struct seccomp_notif *call;
    struct seccomp_notif_resp *answer;

    if (seccomp_notify_alloc(&call, &answer) < 0)
        exit(1);
    while (poll(&p, 1, -1) >= 0 && !(p.revents & POLLHUP)) {
        memset(call, 0, sizeof *call);
        if (seccomp_notify_receive(listener, call) < 0)
            continue;
        *answer =
            (struct seccomp_notif_resp){.id = call->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        seccomp_notify_respond(listener, answer);
    }
    exit(0);
}

/* It has none of the caller's descriptors: who reads what COMMAND writes sees its end. */
static void start_supervisor(const int pair[2])
{
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid > 0) {
        waitpid(pid, NULL, 0);
        return;
    }
    if (fork() != 0)
        _exit(0);
    setsid();
    for (int fd = 0; fd < 256; fd++)
        if (fd != pair[0])
            close(fd);
    supervise(taken(pair[0]));
}

static int load(char *names)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    char *name;

    if (!ctx)
        die("seccomp_init");
    while ((name = strsep(&names, ","))) {
        int nr = seccomp_syscall_resolve_name(name);

        if (nr == __NR_SCMP_ERROR || (nr >= 0 && seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, nr, 0) < 0))
            die(name);
    }
    if (seccomp_load(ctx) < 0)
        die("loading the filter");
    return seccomp_notify_fd(ctx);
}

int main(int argc, char **argv)
{
    int pair[2], listener;

    if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return 1;
    start_supervisor(pair);
    listener = load(argv[1]);
    pass(pair[1], listener);
    close(listener);
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
}
