/* Text on its way to a terminal or into JSON, runtime/wire/text.c, runtime/json/brief.c: nothing that comes out
 * moves a cursor, and nothing that goes in is lost but what is no text. */
#include "runtime/wire/text.h"

#include <string.h>

#include "runtime/json/brief.h"
#include "runtime/json/json.h"
#include "tests/fuzz/judge/judge.h"

static void check_quoted(const char *bytes, size_t n)
{
    autostr struct str quoted = {0}, plain = {0}, visible = {0}, direct = {0}, json = {0};
    const char *raw;
    size_t len;

    text_quote(&quoted, bytes, n);
    must(judge_json(quoted.data, quoted.len, 0), "no JSON: %s", quoted.data);
    struct json_scan s = {.at = quoted.data, .end = quoted.data + quoted.len};

    must(json_string(&s, &raw, &len) == 0 && s.at == s.end, "no string: %s", quoted.data);
    struct span inside = {raw, len};

    text_plain(&plain, inside, false);
    text_plain(&visible, inside, true);
    must(judge_harmless(visible.data, visible.len, true), "not harmless: %s", quoted.data);
    text_json_visible(&json, (struct span){quoted.data, quoted.len});
    must(judge_harmless(json.data, json.len, false), "not harmless: %s", json.data);
    must(judge_equal(quoted.data, quoted.len, json.data, json.len), "another value: %s", json.data);
    text_visible(&direct, bytes, n);
    must(direct.len == visible.len &&
             (!direct.len || memcmp(direct.data, visible.data, direct.len) == 0),
         "two ways to one text differ: %s", quoted.data);
}

/* Where a text may be cut, both parts say what the whole said. */
static void check_cut(const char *bytes, size_t n)
{
    autostr struct str whole = {0}, parts = {0};
    size_t at = text_whole(bytes, n);

    must(at <= n && n - at <= 3, "cut at %zu of %zu", at, n);
    for (size_t i = at; i < n; i++)
        must(((unsigned char)bytes[i] & 0x80) != 0, "an ASCII character is held back");
    for (size_t i = n / 2; i <= n && i < n / 2 + 4; i++) {
        size_t cut = text_whole(bytes, i);

        whole.len = parts.len = 0;
        text_visible(&whole, bytes, n);
        text_visible(&parts, bytes, cut);
        text_visible(&parts, bytes + cut, n - cut);
        must(whole.len == parts.len && (!whole.len || !memcmp(whole.data, parts.data, whole.len)),
             "cut at %zu, it is another text", cut);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *bytes = (const char *)data;
    autostr struct str visible = {0}, text = {0}, brief = {0};
    char shown[BRIEF];

    text_visible(&visible, bytes, n);
    must(judge_harmless(visible.data ? visible.data : "", visible.len, true), "not harmless");
    check_quoted(bytes, n);
    check_cut(bytes, n);
    str_add(&text, bytes, n);
    str_addc(&text, '\0');
    visible_add(&brief, text.data);
    for (size_t i = 0; i < brief.len; i++)
        must((unsigned char)brief.data[i] >= 0x20 && brief.data[i] != 0x7f, "a control is shown");
    must(strlen(brief_text(text.data, shown)) < BRIEF, "a brief text is long");
    must(strlen(brief_bytes(bytes, n, shown)) < BRIEF, "a brief text is long");
    return 0;
}
