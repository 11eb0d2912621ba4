/* A bundle in sealed memory: read and digested by one process for another that may open no file. */
#ifndef BUNDLES_SEALED_H
#define BUNDLES_SEALED_H

#include "bundles/bundle.h"

/* Write B to a memory file of *SIZE bytes, sealed against any change (memfd_create(2)). A
 * descriptor, or -1 and *WHY. */
int bundle_seal(const struct bundle *b, size_t *size, struct fault *why);

/* Read the bundle, named PATH (not copied), from the SIZE bytes of FD, which the caller closes. 0
 * and *B (bundle_free()), or -1 and *WHY. Trusts the contents. */
int bundle_unseal(int fd, size_t size, const char *path, struct bundle **b, struct fault *why);

#endif
