/* Texts of the kernel (/proc, control files of cgroups, keyctl(2)) taken apart into lines and fields. Of their shape nothing
 * is believed: a field is compared whole, never looked for inside another, and a line that the reader's buffer cut off
 * does not count. */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field {
    const char *at;
    size_t n;
};

struct field field_of(const char *text);

/* Take the next line off *REST, without its newline. False at the end; also where no newline follows: it was cut. */
bool field_line(struct field *rest, struct field *line);

/* Take what stands before the next DELIMITER, which goes too, off *REST: the last one is all that is left. False once
 * nothing is left, not even an empty last field. */
bool field_until(struct field *rest, char delimiter, struct field *out);

/* Take the next word, between blanks and tabs, off *REST. */
bool field_word(struct field *rest, struct field *word);

bool field_is(struct field f, const char *text);

/* F is an item of a LIST that is parted by DELIMITER. */
bool field_listed(struct field list, char delimiter, const char *text);

/* The whole of F is decimal digits: 0; else, or beyond 64 bits, -1. */
int field_number(struct field f, uint64_t *value);

/* F of a table of mounts, where blanks and their like stand as \\ooo (proc_pid_mountinfo(5)), as a text in OUT of SIZE
 * bytes: 0; -1 where it does not fit. */
int field_text(struct field f, char *out, size_t size);

/* The first line of *REST, which moves behind it, that is KEY, the DELIMITER and *VALUE, blanks around which are gone. */
bool field_key(struct field *rest, const char *key, char delimiter, struct field *value);

/* The number of such a line; -1 where there is none. */
int field_key_number(const char *text, const char *key, char delimiter, uint64_t *value);

#endif
