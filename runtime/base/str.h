/* A growable byte string. Zero-initialised it is empty; .data is NUL-terminated once anything was
 * added. A failed allocation sets .failed and turns every later addition into a no-op, so that a
 * writer may check once, at the end. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    char *data;
    size_t len, cap;
    bool failed;
    bool fixed; /* .data and .cap are the owner's and never grow: for code that must not allocate */
    bool secret; /* growing wipes the old block; set on initialisation, see autosecret */
};

void str_free(struct str *s);                /* and zeroes *S */
void str_wipe(struct str *s);                /* the same, after overwriting the bytes */
int str_reserve(struct str *s, size_t more); /* room for MORE bytes and a NUL; 0 or -1 */
void str_add(struct str *s, const void *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_adds(struct str *s, const char *text);
void str_addn(struct str *s, uint64_t value); /* in decimal */
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drop the first N bytes. */
void str_consume(struct str *s, size_t n);

#define autostr __attribute__((cleanup(str_free)))
/* For secrets: `autosecret struct str s = {.secret = true};`. */
#define autosecret __attribute__((cleanup(str_wipe)))

/* Append TEXT as one word for sh(1): in single quotes, unless it is plain. */
void str_add_word(struct str *s, const char *text);

#endif
