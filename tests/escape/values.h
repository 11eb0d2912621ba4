/* The names and numbers of an attack file (README.md): what a call returned, where data lie in the box. What
 * cannot be understood ends the tool, by words_wrong(). */
#ifndef ESCAPE_VALUES_H
#define ESCAPE_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "tests/escape/words.h"

#define VALUES_ITEM 4096

void values_clear(void);

/* NAME is VALUE from now on; SIZE in bytes where it is the address of data. */
void values_set(const char *name, uint64_t value, size_t size);

/* 12, -1, 0x1f, $name, $name+8 */
uint64_t values_number(const char *text);

/* The address of the data called NAME, and their *SIZE. */
uint64_t values_data(const struct word *name, size_t *size);

/* One item of data into OUT: "text", zero:N, u8:N, u16:N, u32:N, u64:N, be16:N. How long it is. */
size_t values_item(const struct word *w, unsigned char out[VALUES_ITEM]);

#endif
