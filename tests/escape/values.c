/* Names and numbers. Trusts no input: attack files are written by hand. */
#include "tests/escape/values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 64

static struct {
    char name[32];
    uint64_t value;
    size_t size; /* of data */
} names[NAMES_MAX];
static size_t name_count;

void values_set(const char *name, uint64_t value, size_t size)
{
    size_t i = 0;

    while (i < name_count && strcmp(names[i].name, name) != 0)
        i++;
    if (i < NAMES_MAX && strlen(name) < sizeof names[i].name) {
        name_count += i == name_count;
        snprintf(names[i].name, sizeof names[i].name, "%s", name);
        names[i].value = value;
        names[i].size = size;
    } else {
        words_wrong("a name too many, or too long");
    }
}

static size_t find(const char *name, size_t len)
{
    for (size_t i = 0; i < name_count; i++)
        if (strncmp(names[i].name, name, len) == 0 && names[i].name[len] == '\0')
            return i;
    words_wrong("nothing is called %.*s", (int)len, name);
}

uint64_t values_number(const char *text)
{
    const char *at = text + (*text == '$');
    size_t len = *text == '$' ? strcspn(at, "+") : 0;
    uint64_t base = len ? names[find(at, len)].value : 0;
    char *end;

    at += len + (len && at[len] == '+');
    if (len && *at == '\0')
        return base;
    errno = 0;
    base += strtoull(at, &end, 0);
    if (errno || end == at || *end)
        words_wrong("%s is not a number", text);
    return base;
}

size_t values_item(const struct word *w, unsigned char out[VALUES_ITEM])
{
    static const struct {
        const char *prefix;
        size_t size;
    } kinds[] = {{"u8:", 1}, {"u16:", 2}, {"u32:", 4}, {"u64:", 8}};
    uint64_t value;

    memcpy(out, w->text, w->quoted ? w->len : 0);
    if (w->quoted)
        return w->len;
    if (strncmp(w->text, "zero:", 5) == 0) {
        value = values_number(w->text + 5);
        memset(out, 0, value < VALUES_ITEM ? value : 0);
        return value;
    }
    if (strncmp(w->text, "be16:", 5) == 0) {
        value = values_number(w->text + 5);
        out[0] = (unsigned char)(value >> 8);
        out[1] = (unsigned char)value;
        return 2;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strncmp(w->text, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
            value = values_number(w->text + strlen(kinds[i].prefix));
            memcpy(out, &value, kinds[i].size);
            return kinds[i].size;
        }
    words_wrong("%s is not an item of data", w->text);
}

uint64_t values_data(const struct word *name, size_t *size)
{
    size_t i = find(name->text, name->len);

    *size = names[i].size;
    return names[i].value;
}

void values_clear(void)
{
    name_count = 0;
}
