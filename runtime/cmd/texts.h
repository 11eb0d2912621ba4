/* Whole texts in and out, for the verbs that read documents and print answers. */
#ifndef CMD_TEXTS_H
#define CMD_TEXTS_H

#include <stddef.h>

#include "runtime/base/str.h"
#include "runtime/json/finding.h"
#include "schemas/fault.h"

struct json_object;

/* Append the file PATH, opened as FD (negative with errno if that failed), at most MAX bytes. 0, or
 * -1 and *WHY (INVALID; SETUP: no memory). */
int text_read(int fd, const char *path, size_t max, struct str *out, struct fault *why);

/* Print all of TEXT on stdout. 0, or an exit status after a message. */
int text_print(const struct str *text);

/* Parse N bytes of JSON, counted by M. 0 and *VALUE (json_free(); NULL is JSON null); or -1 with
 * one finding, its place known, in *F. */
int text_json(const char *text, size_t n, struct meter *m, struct json_object **value,
              struct findings *f);

/* Append "NAME":"TEXT", as a member of an object. */
void text_member(struct str *out, const char *name, const char *text);

/* Append the findings as lines WHERE:LINE:COLUMN: POINTER: MESSAGE that cannot move a cursor. */
void text_findings(struct str *out, const struct findings *f, const char *where);

#endif
