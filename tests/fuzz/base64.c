/* base64, runtime/json/base64.c: bytes come back, and a text that is taken is the only one of its meaning. */
#include "runtime/json/base64.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/judge/judge.h"

static void check_bytes(const char *bytes, size_t n)
{
    size_t size = base64_size(n);
    char *text = malloc(size + 1), *again = malloc(size / 4 * 3 + 1);

    must(text && again, "no memory");
    base64_encode(bytes, n, text);
    must(base64_check(text, size), "its own text is refused");
    must(base64_decode(text, size, again) == n && (!n || memcmp(again, bytes, n) == 0),
         "other bytes come back");
    free(text);
    free(again);
}

static void check_text(const char *text, size_t n)
{
    char *bytes = malloc(n / 4 * 3 + 1), *again = malloc(n + 4);
    size_t len;

    must(bytes && again, "no memory");
    len = base64_decode(text, n, bytes);
    must(base64_check(text, n) == (len != (size_t)-1), "checked and decoded differ");
    if (len != (size_t)-1) {
        must(base64_size(len) == n, "%zu bytes of %zu characters", len, n);
        base64_encode(bytes, len, again);
        must(!n || memcmp(again, text, n) == 0, "two texts for one meaning");
    }
    free(bytes);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    check_bytes((const char *)data, n);
    check_text((const char *)data, n);
    return 0;
}
