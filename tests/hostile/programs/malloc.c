/* What the hostile build of runbox is linked with, and nothing else is: the Nth allocation of the process
 * fails, as HOSTILE_ALLOCATION=N says, or the Nth and all behind it ("N+"). With HOSTILE_PROCESS=P this is of one
 * process alone: 0, the one that was started, or the Pth that it forks, which counts from its fork on; with "N+" also
 * of those that it forks later, as in place of that one. Where one has failed the first
 * byte of the file that HOSTILE_HIT names becomes '1', so that the test knows when N is beyond the last: the file
 * is mapped, since the process may have a filter by then. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

pid_t __real_fork(void);
pid_t __wrap_fork(void);
void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t count, size_t n);
int __real_posix_memalign(void **p, size_t alignment, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t count, size_t n);
int __wrap_posix_memalign(void **p, size_t alignment, size_t n);

static unsigned long seen, forks, process; /* allocations; forks, and which of them this one is */

static char *map_mark(void)
{
    const char *path = getenv("HOSTILE_HIT");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (fd >= 0)
        close(fd);
    return at == MAP_FAILED ? NULL : at;
}

static bool fails(void)
{
    static unsigned long n, of;
    static bool known, all, one;
    static char *mark;

    if (!known && environ) { /* the C library allocates before it has an environment */
        const char *text = getenv("HOSTILE_ALLOCATION"), *which = getenv("HOSTILE_PROCESS");

        known = true;
        n = text ? strtoul(text, NULL, 10) : 0;
        all = text && strchr(text, '+');
        one = which;
        of = which ? strtoul(which, NULL, 10) : 0;
        mark = text ? map_mark() : NULL;
    }
    seen++;
    if (one && process != of && !(all && of && process > of))
        return false;
    if (!n || seen < n || (seen > n && !all))
        return false;
    if (mark)
        *mark = '1';
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t count, size_t n)
{
    return fails() ? NULL : __real_reallocarray(p, count, n);
}

int __wrap_posix_memalign(void **p, size_t alignment, size_t n)
{
    return fails() ? ENOMEM : __real_posix_memalign(p, alignment, n);
}

pid_t __wrap_fork(void)
{
    bool counts = getenv("HOSTILE_PROCESS");
    pid_t pid;

    forks++;
    pid = __real_fork();
    if (pid == 0 && counts) {
        process = forks;
        seen = 0;
    }
    return pid;
}
