/* Every way to give up ends in SIGILL, behind the filter of profile compute and without one
 * forbidden call: by what brings the C library to it, in a program that is linked as runbox-lua is. */
#include "tests/unit/script_box.h"

#include <assert.h>
#include <pthread.h>

#include "runtime/script/core/crash.h"
#include "tests/unit/tap.h"

static volatile size_t many = 64; /* the compiler must not see what comes */

/* It must not leave out what nobody reads either. */
static void keep(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

static void smashed_stack(void)
{
    char few[16], *volatile at = few;

    for (size_t i = 0; i < many; i++)
        at[i] = 'x';
    keep(few);
}

static void overflow(void)
{
    char few[16];

    memset(few, 'x', many);
    keep(few);
}

static void false_assertion(void)
{
    assert(many == 0);
}

/* glibc's own assertion: a mutex that nobody holds has an owner. */
static void inner_assertion(void)
{
    pthread_mutex_t broken = PTHREAD_MUTEX_INITIALIZER;

    broken.__data.__owner = 1;
    pthread_mutex_lock(&broken);
}

/* What glibc's malloc says of memory that is none of its own. */
static void foreign_memory(void)
{
    char *volatile p = (char *)malloc(64) + 16;

    free(p);
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
    } ends[] = {{"crash()", crash},
                {"abort()", abort},
                {"a stack that was written over", smashed_stack},
                {"a copy that is larger than its place", overflow},
                {"an assertion", false_assertion},
                {"an assertion of the C library's", inner_assertion},
                {"memory that was never allocated", foreign_memory}};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        int status = status_of(ends[i].f);

        if (!ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL, "%s: SIGILL", ends[i].name))
            printf("# status %#x\n", (unsigned)status);
    }
    return done();
}
