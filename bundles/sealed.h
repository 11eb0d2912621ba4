/* A bundle in sealed memory: what one process has read and digested, for another that may open no file. */
#ifndef BUNDLES_SEALED_H
#define BUNDLES_SEALED_H

#include "bundles/bundle.h"

/* A memory file of *SIZE bytes that nobody can change any more (memfd_create(2)). A descriptor, or -1 and *WHY. */
int bundle_seal(const struct bundle *b, size_t *size, struct fault *why);

/* The bundle in the SIZE bytes of FD, which whoever sealed it called PATH; it stays the caller's to close. 0 and *B (bundle_free()), or -1 and *WHY.
 * Trusts what is in it. */
int bundle_unseal(int fd, size_t size, const char *path, struct bundle **b, struct fault *why);

#endif
