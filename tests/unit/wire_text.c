/* runtime/wire/text.c, base64.c: nothing that a terminal obeys passes, nothing that is not UTF-8
 * does, and no character is cut in two. */
#include "runtime/wire/text.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/json/base64.h"
#include "runtime/json/json.h"
#include "runtime/json/utf8.h"
#include "tests/unit/tap.h"

#define BAD "\xef\xbf\xbd"

static void visible_is(const char *bytes, size_t n, const char *expected, const char *what)
{
    autostr struct str out = {0};

    text_visible(&out, bytes, n);
    str_add(&out, "", 0);
    ok(!strcmp(out.data, expected), "visible: %s", what);
}

static void test_visible(void)
{
    static const struct {
        const char *in, *out, *what;
    } row[] = {
        {"plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
         "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "text passes"},
        {"a\tb\nc", "a\tb\nc", "tab and newline pass"},
        {"\x1b[2J", "<U+001B>[2J", "escape"},
        {"a\rb\bc\ad\x7f", "a<U+000D>b<U+0008>c<U+0007>d<U+007F>", "carriage return and others"},
        {"\xc2\x9b\x31m", "<U+009B>1m", "C1 (a one-character CSI)"},
        {"\xe2\x80\xae"
         "evil"
         "\xe2\x81\xa6",
         "<U+202E>evil<U+2066>", "bidirectional overrides"},
        {"\xe2\x80\xa8\xef\xbb\xbf\xf3\xa0\x81\x81", "<U+2028><U+FEFF><U+E0041>",
         "separators and tags"},
        {"\xe2\x80\x8d\xe2\x80\x8c", "\xe2\x80\x8d\xe2\x80\x8c", "joiners pass"},
        {"\x9b\x31m", BAD "1m", "a raw C1 byte is not UTF-8"},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        visible_is(row[i].in, strlen(row[i].in), row[i].out, row[i].what);
    visible_is("a\0b", 3, "a<U+0000>b", "NUL");
}

/* Unicode 15, tables 3-8 to 3-11, and what ends too early. */
static void test_maximal_subparts(void)
{
    visible_is("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", 9, BAD BAD BAD BAD BAD BAD BAD BAD "A",
               "table 3-8, overlong forms");
    visible_is("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", 9, BAD BAD BAD BAD BAD BAD BAD BAD "A",
               "table 3-9, surrogates");
    visible_is("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", 9, BAD BAD BAD BAD BAD "A" BAD BAD "B",
               "table 3-10, others");
    visible_is("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", 9, BAD BAD BAD BAD "A",
               "table 3-11, cut sequences");
    visible_is("x\xf0\x9f\x98", 4, "x" BAD, "a text that ends inside a character");
    visible_is("\xe0\x9f", 2, BAD BAD, "a second byte out of range");
}

static void plain_is(const char *escaped, bool visible, const char *expected)
{
    autostr struct str out = {0};
    struct span span = {.at = escaped, .len = strlen(escaped)};

    str_adds(&out, ">");
    text_plain(&out, span, visible);
    ok(!strcmp(out.data + 1, expected), "plain%s: %s", visible ? ", visible" : "", escaped);
}

static void test_plain(void)
{
    plain_is("", false, "");
    plain_is("", true, "");
    plain_is("a\\n\\\"\\u00e9\\ud83d\\ude00", false, "a\n\"\xc3\xa9\xf0\x9f\x98\x80");
    plain_is("\\u001b[1m", false, "\x1b[1m");
    plain_is("\\u001b[1m\\n", true, "<U+001B>[1m\n");
    plain_is("\xc2\x85", true, "<U+0085>");
}

/* Random bytes, quoted: strict JSON of one line, which unquotes to what the bytes mean. */
static bool quote_survives(const char *bytes, size_t n)
{
    autostr struct str out = {0}, shown = {0}, again = {0};
    const char *error;
    size_t offset;

    text_quote(&out, bytes, n);
    if (json_check(out.data, out.len, &error, &offset) < 0 || memchr(out.data, '\n', out.len))
        return false;
    text_visible(&shown, bytes, n);
    text_plain(&again, (struct span){.at = out.data + 1, .len = out.len - 2}, true);
    return shown.len == again.len && (!shown.len || !memcmp(shown.data, again.data, shown.len));
}

static char random_byte(void)
{
    static const unsigned char odd[] = {0xc2, 0xe0, 0xe2, 0x80, 0xbf, 0xf0, 0x9f, 0xed,
                                        0xa0, 0xf4, 0x8f, '"',  '\\', '\n', 0x1b, 0xff};

    return (char)(rand() % 3 ? odd[(size_t)rand() % sizeof odd] : 1 + rand() % 255);
}

/* Cutting where text_whole() says changes nothing: the pieces mean what the whole means. */
static bool cut_is_clean(const char *bytes, size_t n)
{
    autostr struct str whole = {0}, pieces = {0};
    size_t cut = 1 + (size_t)rand() % n, first = text_whole(bytes, cut);

    if (first > cut || cut - first > 3)
        return false;
    text_visible(&whole, bytes, n);
    text_visible(&pieces, bytes, first);
    text_visible(&pieces, bytes + first, n - first);
    return whole.len == pieces.len && !memcmp(whole.data, pieces.data, whole.len);
}

static bool no_control(const char *bytes, size_t n)
{
    autostr struct str out = {0};
    const char *p;
    uint32_t cp;
    size_t len;

    text_visible(&out, bytes, n);
    for (p = out.data; p < out.data + out.len; p += len) {
        len = utf8_decode(p, out.data + out.len, &cp);
        if (!len || (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7f && cp < 0xa0))
            return false;
    }
    return true;
}

static void test_random(void)
{
    bool quoted = true, cut = true, safe = true;

    for (int i = 0; i < 20000; i++) {
        char bytes[40];
        size_t n = 1 + (size_t)rand() % sizeof bytes;

        for (size_t k = 0; k < n; k++)
            bytes[k] = random_byte();
        quoted = quoted && quote_survives(bytes, n);
        cut = cut && cut_is_clean(bytes, n);
        safe = safe && no_control(bytes, n);
    }
    ok(quoted, "random bytes, quoted, are JSON and mean the same");
    ok(cut, "random bytes may be cut where text_whole() says");
    ok(safe, "random bytes, made visible, hold no control character");
}

static void test_quote(void)
{
    autostr struct str out = {0};

    text_quote(&out, "a\"\\\n\x01\x7f\0\xff", 8);
    ok(!strcmp(out.data, "\"a\\\"\\\\\\n\\u0001\\u007f\\u0000" BAD "\""),
       "quote: escapes, NUL, a bad byte");
    ok(text_whole("\xf0\x9f\x98", 3) == 0, "whole: a text may be nothing but a beginning");
    ok(text_whole("ab\xe2\x82\xac", 5) == 5 && text_whole("ab\xe2\x82", 4) == 2,
       "whole: at a character");
    ok(text_whole("\xed\xa0", 2) == 2, "whole: what can never be one is not kept back");
    ok(text_whole("", 0) == 0, "whole: nothing");
}

static bool base64_ok(const char *text)
{
    return base64_check(text, strlen(text));
}

static void test_base64(void)
{
    static const char *const refused[] = {"A",
                                          "AA",
                                          "AAA",
                                          "====",
                                          "A===",
                                          "AA=A",
                                          "AB==",
                                          "AAB=",
                                          "AA==AAAA",
                                          "AA A",
                                          "AA-_",
                                          "AAA\\",
                                          "\xc3\xa9\xc3\xa9"};
    static const struct {
        const char *bytes, *text;
    } row[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};
    bool same = true;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char text[9] = "", bytes[6];
        size_t n = strlen(row[i].bytes);

        base64_encode(row[i].bytes, n, text);
        ok(!strcmp(text, row[i].text) && base64_size(n) == strlen(text) && base64_ok(text) &&
               base64_decode(text, strlen(text), bytes) == n && !memcmp(bytes, row[i].bytes, n),
           "base64: RFC 4648, 10: \"%s\"", row[i].bytes);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ok(!base64_ok(refused[i]) &&
               base64_decode(refused[i], strlen(refused[i]), (char[16]){0}) == (size_t)-1,
           "base64: %s is refused", refused[i]);
    for (int i = 0; i < 2000; i++) {
        char in[50] = "", text[68], bytes[51];
        size_t n = (size_t)rand() % sizeof in;

        for (size_t k = 0; k < n; k++)
            in[k] = (char)rand();
        base64_encode(in, n, text);
        same = same && base64_check(text, base64_size(n)) &&
               base64_decode(text, base64_size(n), bytes) == n && !memcmp(bytes, in, n);
    }
    ok(same, "base64: random bytes come back");
}

int main(void)
{
    srand(1);
    test_visible();
    test_maximal_subparts();
    test_plain();
    test_quote();
    test_random();
    test_base64();
    return done();
}
