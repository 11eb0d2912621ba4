/* fill TASKS BYTES: join the group whose file TASKS is given, then touch BYTES of memory, page by
 * page, as native code in a box would. For tests, as root: it makes itself the OOM killer's first
 * choice, and prints "all" if nothing stopped it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0) {
        fprintf(stderr, "fill: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    size_t bytes = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    char *memory;

    if (!bytes) {
        fprintf(stderr, "usage: fill TASKS BYTES\n");
        return 1;
    }
    put("/proc/self/oom_score_adj", "1000");
    put(argv[1], "0");
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("fill: mmap");
        return 1;
    }
    madvise(memory, bytes, MADV_NOHUGEPAGE); /* so that it stops within a page of the limit */
    for (size_t at = 0; at < bytes; at += (size_t)getpagesize())
        ((volatile char *)memory)[at] = 1;
    puts("all");
    return 0;
}
