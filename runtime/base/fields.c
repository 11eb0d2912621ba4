/* Lines and fields of kernel texts: cursors into the caller's bytes; only field_file() and
 * field_text() copy. */
#include "runtime/base/fields.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fd.h"

struct field field_of(const char *text)
{
    return (struct field){text, strlen(text)};
}

const char *field_file(const char *file, char *text, size_t size)
{
    autoclose int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (n < 0)
        return NULL;
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void field_skip(struct field *f, size_t n)
{
    f->at += n;
    f->n -= n;
}

bool field_line(struct field *rest, struct field *line)
{
    const char *end = rest->n ? memchr(rest->at, '\n', rest->n) : NULL;

    if (!end)
        return false;
    *line = (struct field){rest->at, (size_t)(end - rest->at)};
    field_skip(rest, line->n + 1);
    return true;
}

bool field_until(struct field *rest, char delimiter, struct field *out)
{
    const char *end = rest->n ? memchr(rest->at, delimiter, rest->n) : NULL;

    if (!rest->at)
        return false;
    *out = (struct field){rest->at, end ? (size_t)(end - rest->at) : rest->n};
    if (end)
        field_skip(rest, out->n + 1);
    else
        *rest = (struct field){0};
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct field field_trim(struct field f)
{
    while (f.n && is_blank(f.at[0]))
        field_skip(&f, 1);
    while (f.n && is_blank(f.at[f.n - 1]))
        f.n--;
    return f;
}

bool field_word(struct field *rest, struct field *word)
{
    size_t n = 0;

    while (rest->n && is_blank(rest->at[0]))
        field_skip(rest, 1);
    while (n < rest->n && !is_blank(rest->at[n]))
        n++;
    *word = (struct field){rest->at, n};
    field_skip(rest, n);
    return n > 0;
}

bool field_is(struct field f, const char *text)
{
    return f.n == strlen(text) && memcmp(f.at, text, f.n) == 0;
}

bool field_listed(struct field list, char delimiter, const char *text)
{
    struct field item;

    while (field_until(&list, delimiter, &item))
        if (field_is(item, text))
            return true;
    return false;
}

int field_number(struct field f, uint64_t *value)
{
    uint64_t sum = 0;

    if (f.n == 0)
        return -1;
    for (size_t i = 0; i < f.n; i++)
        if (f.at[i] < '0' || f.at[i] > '9' || __builtin_mul_overflow(sum, 10u, &sum) ||
            __builtin_add_overflow(sum, (unsigned)(f.at[i] - '0'), &sum))
            return -1;
    *value = sum;
    return 0;
}

bool field_key(struct field *rest, const char *key, char delimiter, struct field *value)
{
    size_t n = strlen(key);
    struct field line;

    while (field_line(rest, &line))
        if (line.n > n && line.at[n] == delimiter && memcmp(line.at, key, n) == 0) {
            field_skip(&line, n + 1);
            *value = field_trim(line);
            return true;
        }
    return false;
}

int field_key_number(const char *text, const char *key, char delimiter, uint64_t *value)
{
    struct field rest = field_of(text), number;

    return field_key(&rest, key, delimiter, &number) ? field_number(number, value) : -1;
}

static bool is_octal(const char *at)
{
    return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0' &&
           at[2] <= '7';
}

int field_text(struct field f, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < f.n; i++) {
        char c = f.at[i];

        if (c == '\\' && f.n - i > 3 && is_octal(f.at + i + 1)) {
            c = (char)((f.at[i + 1] - '0') * 64 + (f.at[i + 2] - '0') * 8 + (f.at[i + 3] - '0'));
            i += 3;
        }
        if (n + 1 >= size)
            return -1;
        out[n++] = c;
    }
    out[n] = '\0';
    return 0;
}
