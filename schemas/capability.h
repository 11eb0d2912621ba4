/* Names of capabilities(7). */
#ifndef SCHEMAS_CAPABILITY_H
#define SCHEMAS_CAPABILITY_H

#define CAPABILITY_COUNT 41

/* "CAP_NET_RAW" of 13; the names are indexed by the kernel's numbers. */
extern const char *const capability_text[CAPABILITY_COUNT];

/* The number of NAME, spelled exactly as in capability_text, or -1. */
int capability_find(const char *name);

#endif
