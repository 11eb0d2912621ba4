/* Hostile schemas, instances and manifests from a grammar whose words have counts, so that a few bytes reach what
 * grows faster than they do: levels of references, long texts, many names, patterns, defaults. Whatever the bytes,
 * both texts are strict JSON of bounded length. */
#ifndef FUZZ_HOSTILE_H
#define FUZZ_HOSTILE_H

#include <stddef.h>
#include <stdint.h>

struct str;

/* SCHEMA and INSTANCE (zero-initialised, str_free() is the caller's) from N bytes; those that are missing are 0. */
void hostile_make(const uint8_t *data, size_t n, struct str *schema, struct str *instance);

/* The same from bytes that SEED gives, ever the same. */
void hostile_of_seed(uint32_t seed, struct str *schema, struct str *instance);

/* The manifest whose options are SCHEMA's text. */
void hostile_manifest(const struct str *schema, struct str *manifest);

#endif
