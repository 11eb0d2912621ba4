/* The growable byte string: doubling growth, one sticky failure flag. */
#include "runtime/base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void str_free(struct str *s)
{
    if (!s->fixed)
        free(s->data);
    *s = (struct str){0};
}

void str_wipe(struct str *s)
{
    if (s->data)
        explicit_bzero(s->data, s->cap);
    str_free(s);
}

/* realloc(3) that wipes the old block. */
static char *move(struct str *s, size_t cap)
{
    char *data = malloc(cap);

    if (!data || !s->data)
        return data;
    memcpy(data, s->data, s->len + 1);
    explicit_bzero(s->data, s->cap);
    free(s->data);
    return data;
}

int str_reserve(struct str *s, size_t more)
{
    size_t need = s->len + more + 1, cap = s->cap ? s->cap : 128;
    char *data;

    if (s->failed)
        return -1;
    if (need <= s->cap)
        return 0;
    while (cap < need)
        cap *= 2;
    if (need <= more || s->fixed)
        data = NULL;
    else
        data = s->secret ? move(s, cap) : realloc(s->data, cap);
    if (!data) {
        s->failed = true;
        return -1;
    }
    s->data = data;
    s->cap = cap;
    return 0;
}

void str_add(struct str *s, const void *bytes, size_t n)
{
    if (str_reserve(s, n) < 0)
        return;
    if (n)
        memcpy(s->data + s->len, bytes, n);
    s->len += n;
    s->data[s->len] = '\0';
}

void str_addc(struct str *s, char c)
{
    str_add(s, &c, 1);
}

void str_adds(struct str *s, const char *text)
{
    str_add(s, text, strlen(text));
}

void str_addn(struct str *s, uint64_t value)
{
    char text[20];
    size_t at = sizeof text;

    do
        text[--at] = (char)('0' + value % 10);
    while (value /= 10);
    str_add(s, text + at, sizeof text - at);
}

/* Print in place if it fits; else reserve the measured size and print again. */
void str_addf(struct str *s, const char *fmt, ...)
{
    size_t room = s->failed ? 0 : s->cap - s->len;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(room ? s->data + s->len : NULL, room, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < room) {
        s->len += (size_t)n;
        return;
    }
    if (room)
        s->data[s->len] = '\0';
    if (n < 0 || str_reserve(s, (size_t)n) < 0) {
        s->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(s->data + s->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    s->len += (size_t)n;
}

void str_consume(struct str *s, size_t n)
{
    memmove(s->data, s->data + n, s->len - n);
    s->len -= n;
    if (s->data)
        s->data[s->len] = '\0';
}

void str_add_word(struct str *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:=,+@%-";

    if (text[strspn(text, plain)] == '\0') {
        str_adds(out, text);
        return;
    }
    str_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            str_adds(out, "'\\''");
        else
            str_addc(out, *text);
    }
    str_addc(out, '\'');
}
