/* Shared by the parts of a checkup: the list, and trying something in a short-lived child, so that
 * a namespace or a filter that works does not stay with doctor. */
#include "runtime/host/checkup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/host/probe.h"
#include "runtime/jail/exe.h"

const char *check_state_text(enum check_state s)
{
    static const char *const text[] = {
        [CHECK_WORKS] = "works", [CHECK_MISSING] = "missing", [CHECK_UNTRIED] = "untried"};

    return text[s];
}

struct check *check_add(struct checkup *c, const char *section, const char *name, const char *fmt,
                        ...)
{
    struct check *k = &c->check[c->count < CHECKS_MAX - 1 ? c->count++ : CHECKS_MAX - 1];
    va_list ap;

    *k = (struct check){.section = section, .name = name, .state = CHECK_WORKS};
    va_start(ap, fmt);
    vsnprintf(k->what, sizeof k->what, fmt, ap);
    va_end(ap);
    return k;
}

void check_missing(struct check *k, const char *fmt, ...)
{
    va_list ap;

    k->state = CHECK_MISSING;
    va_start(ap, fmt);
    vsnprintf(k->how, sizeof k->how, fmt, ap);
    va_end(ap);
}

void check_untried(struct check *k, const char *what)
{
    k->state = CHECK_UNTRIED;
    snprintf(k->what, sizeof k->what, "needs %s", what);
}

int check_try(int (*f)(int arg), int arg)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0)
        _exit(f(arg));
    if (pid < 0)
        return errno;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static void check_programs(struct checkup *c)
{
    static const char *const names[][2] = {
        {"runbox-lua", "the program that every box of a bundle runs"},
#if RUNBOX_SN0INT
        {"runbox-sn0int", "for runbox sandbox"},
#endif
        {"runbox-loopback", "for manifests that ask for network \"loopback\""},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct fault why = {0};
        char path[4096];
        struct check *k;

        if (exe_path(names[i][0], path, sizeof path, &why) == 0) {
            check_add(c, "programs", names[i][0], "%s", path);
            continue;
        }
        k = check_add(c, "programs", names[i][0], "%s (%s)", why.what, names[i][1]);
        check_missing(k, "make install; or keep the programs in one directory");
    }
}

void checkup_run(struct checkup *c)
{
    struct fault why = {0};

    memset(c, 0, sizeof *c);
    c->known = host_probe(&c->host, &c->cgroups, NULL, &why) == 0;
    if (!c->known)
        snprintf(c->verdict, sizeof c->verdict, "%s: %s", why.where, why.what);
    checkup_kernel(c);
    checkup_namespaces(c);
    checkup_groups(c);
    check_programs(c);
}

void checkup_free(struct checkup *c)
{
    plan_free(c->plan);
    c->plan = NULL;
}
