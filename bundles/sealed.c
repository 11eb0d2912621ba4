/* The format: a header, then for each file a header, its path and its bytes, both NUL-terminated.
 * Native byte order: writer and reader are one program, forked. The reader trusts the writer. */
#include "bundles/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bundles/chunk.h"
#include "runtime/base/fd.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct sealed {
    uint64_t count, size;
    struct meter meter;
    char digest[65];
};

struct sealed_file {
    uint64_t path, bytes; /* lengths, without the NUL */
};

static int sealed_write_file(int fd, const struct bundle_file *f, size_t *size)
{
    const struct sealed_file head = {strlen(f->path), f->size};
    struct iovec part[] = {{(void *)&head, sizeof head},
                           {(void *)(uintptr_t)f->path, head.path + 1},
                           {(void *)(uintptr_t)f->bytes, head.bytes},
                           {(void *)(uintptr_t)"", 1}};
    size_t whole = sizeof head + head.path + 1 + head.bytes + 1;

    *size += whole;
    if (writev(fd, part, 4) == (ssize_t)whole)
        return 0;
    errno = errno ? errno : EFBIG; /* short: RLIMIT_FSIZE applies to memory files too */
    return -1;
}

static int write_bundle(int fd, const struct bundle *b, size_t *size)
{
    struct sealed head = {.count = b->count, .size = b->size, .meter = b->meter};

    memcpy(head.digest, b->digest, sizeof head.digest);
    *size = sizeof head;
    if (fd_write_all(fd, &head, sizeof head) < 0)
        return -1;
    for (size_t i = 0; i < b->count; i++)
        if (sealed_write_file(fd, &b->files[i], size) < 0)
            return -1;
    /* The receiver reads it from the start, with read(2) alone. */
    return lseek(fd, 0, SEEK_SET) < 0 ? -1 : fcntl(fd, F_ADD_SEALS, SEALS);
}

int bundle_seal(const struct bundle *b, size_t *size, struct fault *why)
{
    autoclose int fd = memfd_create("runbox-bundle", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    errno = fd < 0 ? errno : 0;
    if (fd < 0 || write_bundle(fd, b, size) < 0)
        return fault_set(why, STATUS_SETUP, errno, b->path,
                         "copying %llu bytes of it to a memory file%s", (unsigned long long)b->size,
                         errno == EFBIG ? " (raise the file size limit, ulimit -f)" : "");
    return steal_fd(&fd);
}

int bundle_unseal(int fd, size_t size, const char *path, struct bundle **out, struct fault *why)
{
    struct bundle *b = calloc(1, sizeof *b);
    struct sealed head;
    char *at = b ? chunk_take(&b->chunks, size) : NULL;

    if (!at || fd_read_all(fd, at, size) < 0) {
        int err = errno;

        bundle_free(b);
        return fault_set(why, STATUS_SETUP, err, path, "reading the bundle");
    }
    memcpy(&head, at, sizeof head);
    at += sizeof head;
    b->path = path;
    b->size = head.size;
    b->meter = head.meter;
    memcpy(b->digest, head.digest, sizeof b->digest);
    b->files = calloc(head.count + 1, sizeof *b->files);
    if (!b->files) {
        bundle_free(b);
        return fault_set(why, STATUS_SETUP, ENOMEM, path, "reading the bundle");
    }
    for (; b->count < head.count; b->count++) {
        struct sealed_file file;

        memcpy(&file, at, sizeof file);
        at += sizeof file;
        b->files[b->count] =
            (struct bundle_file){.path = at, .bytes = at + file.path + 1, .size = file.bytes};
        at += file.path + 1 + file.bytes + 1;
    }
    *out = b;
    return 0;
}
