/* What the hostile build of runbox is linked with, and nothing else is: the Nth allocation of the process
 * fails, as HOSTILE_ALLOCATION=N says, or the Nth and all behind it ("N+"). Where one has failed the first
 * byte of the file that HOSTILE_HIT names becomes '1', so that the test knows when N is beyond the last: the file
 * is mapped, since the process may have a filter by then. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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
    static unsigned long seen, n;
    static bool known, all;
    static char *mark;

    if (!known && environ) { /* the C library allocates before it has an environment */
        const char *text = getenv("HOSTILE_ALLOCATION");

        known = true;
        n = text ? strtoul(text, NULL, 10) : 0;
        all = text && strchr(text, '+');
        mark = text ? map_mark() : NULL;
    }
    seen++;
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
