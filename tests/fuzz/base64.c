/* base64, twice: the monitor's (runtime/wire/base64.c), which is strict, and the box's
 * (runtime/script/base64.c). What the one writes the other reads. */
#include "runtime/wire/base64.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/judge/judge.h"

/* The box's two functions, under the names that the Makefile gives them here. */
void script_base64_encode(const char *bytes, size_t n, char *out);
size_t script_base64_decode(const char *text, size_t n, char *out);

static void check_bytes(const char *bytes, size_t n)
{
    autostr struct str text = {0}, again = {0};
    char *box = calloc((n + 2) / 3 * 4 + 1, 1);

    must(box, "no memory");
    base64_encode(&text, bytes, n);
    must(text.len == (n + 2) / 3 * 4, "%zu characters for %zu bytes", text.len, n);
    must(base64_check((struct span){text.data, text.len}), "its own text is refused");
    base64_decode(&again, (struct span){text.data, text.len});
    must(again.len == n && (!n || memcmp(again.data, bytes, n) == 0), "other bytes come back");
    script_base64_encode(bytes, n, box);
    must(!text.len || memcmp(box, text.data, text.len) == 0, "the box writes another text");
    free(box);
}

static void check_text(const char *text, size_t n)
{
    autostr struct str bytes = {0}, again = {0};
    struct span span = {text, n};
    char *box = malloc(n / 4 * 3 + 1);
    size_t len = box ? script_base64_decode(text, n, box) : 0;

    if (base64_check(span)) {
        base64_decode(&bytes, span);
        base64_encode(&again, bytes.data, bytes.len);
        must(again.len == n && (!n || memcmp(again.data, text, n) == 0),
             "two texts for one meaning");
        must(len == bytes.len && (!len || memcmp(box, bytes.data, len) == 0),
             "the box reads something else");
    }
    must(len == (size_t)-1 || len <= n / 4 * 3, "more bytes than fit");
    free(box);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    check_bytes((const char *)data, n);
    check_text((const char *)data, n);
    return 0;
}
