/* The image: a sequence of records, each a header of lengths, then its texts with their NULs, or a
 * file's bytes. The reader trusts no length. */
#include "runtime/jail/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "bundles/bundle.h"
#include "runtime/base/fd.h"
#include "runtime/jail/sys.h"
#include "runtime/plan/plan.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct head {
    uint64_t first, second; /* bytes */
    uint32_t inside, rw;    /* of a mount */
};

static int image_write(int fd, const struct head *head, const char *first, const char *second)
{
    struct iovec part[3] = {
        {(void *)head, sizeof *head}, {(void *)first, head->first}, {(void *)second, head->second}};

    for (struct iovec *at = part; at < part + 3;) {
        ssize_t n = writev(fd, at, (int)(part + 3 - at));

        if (n < 0)
            return -1;
        for (; at < part + 3 && (size_t)n >= at->iov_len; at++)
            n -= (ssize_t)at->iov_len;
        if (at < part + 3) {
            at->iov_base = (char *)at->iov_base + n;
            at->iov_len -= (size_t)n;
        }
    }
    return 0;
}

static int image_write_all(int fd, const struct plan *p, const struct bundle *b)
{
    for (size_t i = 0; i < p->mount_count; i++) {
        const struct plan_mount *m = &p->mounts[i];
        struct head head = {strlen(m->source) + 1, strlen(m->target) + 1, m->inside, m->rw};

        if (image_write(fd, &head, m->source, m->target) < 0)
            return -1;
    }
    for (size_t i = 0; i < b->count; i++) {
        const struct bundle_file *f = &b->files[i];
        struct head head = {.first = strlen(f->path) + 1, .second = f->size};

        if (image_write(fd, &head, f->path, f->bytes) < 0)
            return -1;
    }
    return 0;
}

int image_make(const struct plan *p, const struct bundle *b, struct fault *why)
{
    autoclose int fd = memfd_create("runbox-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0 || image_write_all(fd, p, b) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0)
        return fault_set(why, STATUS_SETUP, errno, "box",
                         "copying %llu bytes of its bundle into memory",
                         (unsigned long long)b->size);
    return steal_fd(&fd);
}

long image_map(int fd, struct image *i)
{
    struct stat st;
    char *at;

    if (fstat(fd, &st) < 0)
        return -errno;
    *i = (struct image){0};
    if (st.st_size == 0)
        return 0;
    /* Before Linux 6.7 what is sealed against writing cannot be mapped shared, read-only or not. */
    at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return -errno;
    *i = (struct image){at, at + st.st_size};
    return 0;
}

/* Read the next record; its first text must end with a NUL. */
static long image_next(struct image *i, struct head *h, const char **first, const char **second)
{
    if ((size_t)(i->end - i->at) < sizeof *h)
        return -EBADMSG;
    memcpy(h, i->at, sizeof *h);
    i->at += sizeof *h;
    if (h->first == 0 || h->first > (size_t)(i->end - i->at) || i->at[h->first - 1] != '\0')
        return -EBADMSG;
    *first = i->at;
    i->at += h->first;
    if (h->second > (size_t)(i->end - i->at))
        return -EBADMSG;
    *second = i->at;
    i->at += h->second;
    return 0;
}

long image_mount(struct image *i, struct image_mount *m)
{
    struct head h;
    long r = image_next(i, &h, &m->source, &m->target);

    if (r < 0)
        return r;
    m->inside = h.inside;
    m->rw = h.rw;
    return h.second && m->target[h.second - 1] == '\0' ? 0 : -EBADMSG;
}

long image_file(struct image *i, struct image_file *f)
{
    struct head h;
    long r = image_next(i, &h, &f->path, &f->bytes);

    f->size = r < 0 ? 0 : h.second;
    return r;
}
