/* Lines of the audit log: see audit.h. Trusts nothing from the monitor: what it writes is the
 * broker's own knowledge. */
#include "runtime/broker/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/str.h"
#include "runtime/jail/box.h"
#include "runtime/wire/text.h"

/* authpriv, notice (RFC 5424, 6.2.1). <syslog.h> would redefine our names, such as LOG_DEBUG. */
#define PRIORITY (10 << 3 | 5)

struct audit {
    int fd;
    bool syslog;
    const char *to;
    char name[256], digest[65]; /* of the bundle, once it is known */
};

/* syslog(3) would not report that no daemon listens, so connect the socket here. */
static int open_syslog(void)
{
    const struct sockaddr_un log = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)&log, sizeof log) < 0)
        return -1;
    return steal_fd(&fd);
}

int audit_open(const char *to, struct audit **a, struct fault *why)
{
    struct audit *new = calloc(1, sizeof *new);

    if (!new)
        return fault_set(why, STATUS_SETUP, ENOMEM, "--audit", "opening it");
    new->to = to;
    new->syslog = strcmp(to, AUDIT_SYSLOG) == 0;
    new->fd =
        new->syslog
            ? open_syslog()
            : open(to, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (new->fd < 0) {
        fault_set(why, STATUS_SETUP, errno, "--audit", "opening %s", new->syslog ? "/dev/log" : to);
        free(new);
        return -1;
    }
    *a = new;
    return 0;
}

void audit_close(struct audit *a)
{
    if (a)
        close(a->fd);
    free(a);
}

/* Begin a line that is complete in itself: when, which runbox, who started it, about what. */
static void audit_begin(const struct audit *a, struct str *line, const char *event)
{
    struct timespec now = {0};
    char text[32] = "";
    struct tm utc;

    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    if (a->syslog)
        str_addf(line, "<%d>runbox[%d]: ", PRIORITY, (int)getpid());
    str_addf(line, "{\"time\":\"%s.%03ldZ\",\"event\":\"%s\",\"runbox\":%d,\"uid\":%u,\"gid\":%u",
             text, now.tv_nsec / 1000000, event, (int)getpid(), getuid(), getgid());
    if (a->name[0])
        str_addf(line, ",\"bundle\":\"%s\"", a->name);
    if (a->digest[0])
        str_addf(line, ",\"digest\":\"%s\"", a->digest);
}

static void audit_member(struct str *line, const char *name, const char *text)
{
    str_addf(line, ",\"%s\":", name);
    text_quote(line, text, strlen(text));
}

/* One write(2): with O_APPEND, lines of several processes do not mix. */
static int audit_finish(const struct audit *a, struct str *line, struct fault *why)
{
    ssize_t n;

    str_adds(line, a->syslog ? "}" : "}\n");
    if (line->failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "--audit", "writing a line");
    do
        n = write(a->fd, line->data, line->len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)line->len)
        return 0;
    return fault_set(why, STATUS_SETUP, n < 0 ? errno : ENOSPC, "--audit", "writing to %s", a->to);
}

void audit_about(struct audit *a, const char *name, const char *digest)
{
    if (!a)
        return;
    snprintf(a->name, sizeof a->name, "%s", name);
    snprintf(a->digest, sizeof a->digest, "%s", digest);
}

int audit_box(struct audit *a, const struct plan *p, int pid, struct fault *why)
{
    autostr struct str line = {0};

    if (!a)
        return 0;
    audit_begin(a, &line, "box");
    str_addf(&line, ",\"pid\":%d,\"grants\":[", pid);
    for (size_t i = 0; i < p->granted.count; i++) {
        str_adds(&line, i ? ",{\"grant\":" : "{\"grant\":");
        text_quote(&line, p->granted.item[i], strlen(p->granted.item[i]));
        audit_member(&line, "by", p->granted_by.item[i]);
        str_addc(&line, '}');
    }
    str_addc(&line, ']');
    return audit_finish(a, &line, why);
}

/* PID: the box's; 0: it is about none. */
static int reason(struct audit *a, const char *event, int pid, const char *text, struct fault *why)
{
    autostr struct str line = {0};

    if (!a)
        return 0;
    audit_begin(a, &line, event);
    if (pid)
        str_addf(&line, ",\"pid\":%d", pid);
    audit_member(&line, "reason", text);
    return audit_finish(a, &line, why);
}

int audit_refused(struct audit *a, const char *text, struct fault *why)
{
    return reason(a, "refused", 0, text, why);
}

int audit_killed(struct audit *a, int pid, const char *text, struct fault *why)
{
    return reason(a, "killed", pid, text, why);
}

int audit_ended(struct audit *a, int pid, int status, struct fault *why)
{
    autostr struct str line = {0};

    if (!a)
        return 0;
    audit_begin(a, &line, "ended");
    str_addf(&line, ",\"pid\":%d", pid);
    if (status == BOX_LOST)
        str_adds(&line, ",\"exit\":null");
    else if (WIFEXITED(status))
        str_addf(&line, ",\"exit\":%d", WEXITSTATUS(status));
    else
        str_addf(&line, ",\"signal\":%d", WTERMSIG(status));
    if (status != BOX_LOST && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        audit_member(&line, "reason", "a forbidden system call, for which a filter killed it");
    return audit_finish(a, &line, why);
}

int audit_descriptor(const struct audit *a)
{
    return a ? a->fd : -1;
}
