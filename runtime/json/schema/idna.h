/* Names of hosts in any script (IDNA2008: RFC 5890 to 5893), for formats. */
#ifndef JSON_SCHEMA_IDNA_H
#define JSON_SCHEMA_IDNA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDNA_LABEL 63 /* characters of a label, as it is written in ASCII */

/* One label, as code points. */
struct idna_label {
    uint32_t at[IDNA_LABEL + 1];
    size_t n;
};

/* Whether a label is a U-label by the code points in it: RFC 5891, 4.2.3.1 and 4.2.3.2, and 5892. */
bool idna_allowed(const struct idna_label *label);

/* Whether it is in normalization form C: RFC 5891, 5.3. */
bool idna_normal(const struct idna_label *label);

/* RFC 5893, 1.4 and 2: whether there is a character that is written from right to left, and whether
 * the label may stand beside such a one. */
bool idna_turns(const struct idna_label *label);
bool idna_directed(const struct idna_label *label);

/* The length of the label in Punycode (RFC 3492), behind "xn--". */
size_t punycode_length(const struct idna_label *label);

/* Decode N bytes behind "xn--". False if they are none, or too long. */
bool punycode_decode(const char *text, size_t n, struct idna_label *label);

#endif
