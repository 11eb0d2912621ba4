/* Split kernel texts (/proc, cgroup control files, keyctl(2)) into lines and fields. Trusts nothing
 * about their format: a field is compared as a whole, never searched for inside another, and a line
 * truncated by the reader's buffer does not count. */
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

/* Read the first line of FILE, without its newline, into TEXT, which is returned; NULL where it cannot
 * be read. What does not fit in SIZE bytes is cut off. */
const char *field_file(const char *file, char *text, size_t size);

/* Take the next line off *REST, without its newline. False at the end, or if the newline is
 * missing: the line was truncated. */
bool field_line(struct field *rest, struct field *line);

/* Take the field up to the next DELIMITER, and the delimiter, off *REST; the last field is all that
 * is left. False once nothing is left, not even an empty last field. */
bool field_until(struct field *rest, char delimiter, struct field *out);

/* Take the next word, delimited by blanks and tabs, off *REST. */
bool field_word(struct field *rest, struct field *word);

bool field_is(struct field f, const char *text);

/* Whether TEXT is an item of LIST, whose items are separated by DELIMITER. */
bool field_listed(struct field list, char delimiter, const char *text);

/* Parse F, which must be all decimal digits. 0, or -1 (also beyond 64 bits). */
int field_number(struct field f, uint64_t *value);

/* Decode F, a field of a mount table, where blanks and the like are escaped as \ooo
 * (proc_pid_mountinfo(5)), into OUT of SIZE bytes. 0, or -1 if it does not fit. */
int field_text(struct field f, char *out, size_t size);

/* Find the first line of *REST that consists of KEY, DELIMITER and *VALUE, which is trimmed of
 * blanks; *REST moves past it. False if there is none. */
bool field_key(struct field *rest, const char *key, char delimiter, struct field *value);

/* Parse the number in such a line. 0, or -1 (also if there is none). */
int field_key_number(const char *text, const char *key, char delimiter, uint64_t *value);

#endif
