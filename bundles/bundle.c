/* Reads a bundle: lists its tree, reads each file once, digests the bytes read. Trusts nothing in
 * the directory, which may change meanwhile; never follows a link, blocks, or reads a file
 * twice. */
#include "bundles/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bundles/chunk.h"
#include "bundles/tree.h"
#include "runtime/base/fd.h"
#include "runtime/base/sort.h"

void bundle_unpin(struct bundle *b)
{
    if (b->pinned)
        close(b->root);
    b->pinned = false;
}

void bundle_free(struct bundle *b)
{
    if (!b)
        return;
    bundle_unpin(b);
    chunk_free(b->chunks);
    free(b->files);
    free(b);
}

static void cleanup_bundle(struct bundle **b)
{
    bundle_free(*b);
}

#define READ_STEPS 200 /* of the meter, for each file */

static int open_root(const char *path, struct fault *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 && errno == ENOTDIR)
        return tree_fault(path, "", 0,
                          "not a directory: name the directory that holds manifest.json", why);
    if (fd < 0)
        return tree_fault(path, "", errno, "opening the bundle", why);
    return fd;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Request SIZE + 1 bytes, to notice a file that grew. 0, or an errno; EAGAIN: its size changed. */
static int bundle_read_all(int fd, char *bytes, size_t size)
{
    size_t have = 0;

    while (have <= size) {
        ssize_t n = read(fd, bytes + have, size + 1 - have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        have += (size_t)n;
        if (have == size) /* a short read is the end of a regular file; fstat(2) checks again */
            break;
    }
    bytes[size] = '\0';
    return have == size ? 0 : EAGAIN;
}

static int check_size(struct bundle *b, const char *path, const struct stat *st, struct fault *why)
{
    if (!S_ISREG(st->st_mode))
        return tree_fault(b->path, path, 0, "no longer a regular file: it was replaced", why);
    if ((uint64_t)st->st_size > BUNDLE_FILE_MAX)
        return tree_fault(b->path, path, 0, "larger than 4 MiB, the limit for a file in a bundle",
                          why);
    b->size += (uint64_t)st->st_size;
    if (b->size > BUNDLE_SIZE_MAX)
        return tree_fault(b->path, path, 0, "with this file the bundle exceeds 16 MiB", why);
    return 0;
}

static int bundle_read_file(struct bundle *b, int root, struct bundle_file *file, struct fault *why)
{
    autoclose int fd = tree_open(root, file->path, 0);
    struct stat before, after;
    char *bytes;
    int err;

    if (fd < 0)
        return tree_fault(b->path, file->path, errno, "opening it", why);
    if (fstat(fd, &before) < 0)
        return tree_fault(b->path, file->path, errno, "fstat", why);
    if (check_size(b, file->path, &before, why) < 0 ||
        tree_count(b->path, file->path, &b->meter, READ_STEPS + (uint64_t)before.st_size / 64,
                   (uint64_t)before.st_size, why) < 0)
        return -1;
    bytes = chunk_take(&b->chunks, (size_t)before.st_size + 1);
    if (!bytes)
        return tree_fault(b->path, file->path, ENOMEM, "reading it", why);
    err = bundle_read_all(fd, bytes, (size_t)before.st_size);
    if (err && err != EAGAIN)
        return tree_fault(b->path, file->path, err, "reading it", why);
    if (fstat(fd, &after) < 0)
        return tree_fault(b->path, file->path, errno, "fstat", why);
    if (err || !same_file(&before, &after))
        return tree_fault(b->path, file->path, 0, "changed while reading it", why);
    file->bytes = bytes;
    file->size = (size_t)before.st_size;
    return 0;
}

static void cleanup_tree(struct tree *t)
{
    tree_free(t);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct bundle_file *)a)->path, ((const struct bundle_file *)b)->path);
}

static int list_files(struct bundle *b, int root, struct fault *why)
{
    __attribute__((cleanup(cleanup_tree))) struct tree tree = {
        .root = root, .name = b->path, .chunks = &b->chunks, .meter = &b->meter};

    if (tree_list(&tree, why) < 0)
        return -1;
    b->count = tree.count;
    b->files = steal_pointer(&tree.files);
    if (b->count)
        sort_items(b->files, b->count, sizeof *b->files, by_path);
    return 0;
}

static struct bundle *bundle_new(const char *path)
{
    struct bundle *b = calloc(1, sizeof *b);
    size_t n = strlen(path) + 1;
    char *name = b ? chunk_take(&b->chunks, n) : NULL;

    if (!name) {
        free(b);
        return NULL;
    }
    b->path = memcpy(name, path, n);
    return b;
}

int bundle_open(const char *path, struct bundle **out, struct fault *why)
{
    __attribute__((cleanup(cleanup_bundle))) struct bundle *b = NULL;
    autoclose int root = open_root(path, why);

    if (root < 0)
        return -1;
    b = bundle_new(path);
    if (!b)
        return tree_fault(path, "", ENOMEM, "reading the bundle", why);
    if (list_files(b, root, why) < 0)
        return -1;
    for (size_t i = 0; i < b->count; i++)
        if (bundle_read_file(b, root, &b->files[i], why) < 0)
            return -1;
    bundle_digest(b->files, b->count, b->digest);
    b->root = steal_fd(&root);
    b->pinned = true;
    *out = steal_pointer(&b);
    return 0;
}

const struct bundle_file *bundle_find(const struct bundle *b, const char *path)
{
    const struct bundle_file key = {.path = path};

    return b->count ? bsearch(&key, b->files, b->count, sizeof key, by_path) : NULL;
}

bool bundle_is_source(const char *path)
{
    size_t n = strlen(path);

    return n > 4 && strcmp(path + n - 4, ".lua") == 0;
}

bool bundle_has(const struct bundle *b, const char *path)
{
    size_t n = strlen(path);

    for (size_t i = 0; i < b->count; i++) {
        const char *file = b->files[i].path;

        if (strncmp(file, path, n) == 0 && (file[n] == '\0' || file[n] == '/'))
            return true;
    }
    return false;
}

static void digest_piece(SHA2_CTX *ctx, const char *bytes, size_t size)
{
    uint8_t length[8];

    for (unsigned i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
    SHA256Update(ctx, length, sizeof length);
    SHA256Update(ctx, (const uint8_t *)bytes, size);
}

void bundle_digest(const struct bundle_file *files, size_t count, char hex[65])
{
    static const char magic[] = "runbox-bundle-1", digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA2_CTX ctx;

    SHA256Init(&ctx);
    SHA256Update(&ctx, (const uint8_t *)magic, sizeof magic);
    for (size_t i = 0; i < count; i++) {
        digest_piece(&ctx, files[i].path, strlen(files[i].path));
        digest_piece(&ctx, files[i].bytes, files[i].size);
    }
    SHA256Final(digest, &ctx);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[64] = '\0';
}
