/* Every way to give up ends in SIGILL, behind the filter of profile compute and without one
 * forbidden call. */
#include "tests/unit/script_box.h"

#include "runtime/script/crash.h"
#include "tests/unit/tap.h"

void __stack_chk_fail(void);
void __chk_fail(void);
void __fortify_fail(const char *what);
void __libc_fatal(const char *what);
void __assert_fail(const char *what, const char *file, unsigned line, const char *where);

static void fortify(void)
{
    __fortify_fail("x");
}

static void libc_fatal(void)
{
    __libc_fatal("x\n");
}

static void assertion(void)
{
    __assert_fail("x", "y", 1, "z");
}

/* What a forbidden call would do here: SIGSYS instead of the listener. */
static void confine(void)
{
    struct sock_filter filter[FILTER_COUNT];
    struct sock_fprog prog = {FILTER_COUNT, filter};

    memcpy(filter, compute_filter, sizeof filter);
    filter[FILTER_COUNT - 2].k = SECCOMP_RET_KILL_PROCESS;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
        _exit(98);
}

static int status_of(void (*f)(void))
{
    int status;

    fflush(stdout);

    pid_t pid = fork();

    if (pid == 0) {
        confine();
        f();
        _exit(97);
    }
    waitpid(pid, &status, 0);
    return status;
}

int main(void)
{
    static const struct {
        const char *name;
        void (*f)(void);
    } ends[] = {{"abort", abort},
                {"crash", crash},
                {"__stack_chk_fail", __stack_chk_fail},
                {"__chk_fail", __chk_fail},
                {"__fortify_fail", fortify},
                {"__libc_fatal", libc_fatal},
                {"__assert_fail", assertion}};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        int status = status_of(ends[i].f);

        ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL, "%s: SIGILL", ends[i].name);
    }
    return done();
}
