/* runtime/json/schema/format*.c: what each format takes and refuses where formats are asserted; nothing is refused
 * where they are not. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/schema/schema.h"
#include "tests/unit/repeat.h"
#include "tests/unit/tap.h"

static const struct {
    const char *format, *fit, *unfit;
} rows[] = {
    {"date", "[\"2024-02-29\",\"2000-02-29\",\"1999-12-31\"]",
     "[\"2023-02-29\",\"1900-02-29\",\"2024-13-01\",\"2024-00-10\",\"2024-1-01\",\"24-01-01\","
     "\"2024-01-01 \",\"\",  \"2024-04-31\",\"2024/01/01\"]"},
    {"time",
     "[\"00:00:00Z\",\"23:59:59.123+01:30\",\"23:59:60Z\",\"22:29:60-01:30\",\"08:30:06z\"]",
     "[\"24:00:00Z\",\"23:60:00Z\",\"12:00:00\",\"12:00:00.Z\",\"12:00:61Z\",\"22:59:60Z\",\"12:00:"
     "00+24:00\",\"12:00:00+1:00\",\"12:00:00Z \"]"},
    {"date-time",
     "[\"2024-02-29T12:00:00Z\",\"1963-06-19t08:30:06.283185z\",\"1998-12-31T15:59:60.123-08:00\"]",
     "[\"2024-02-30T12:00:00Z\",\"2024-02-29 "
     "12:00:00Z\",\"2024-02-29T12:00:00\",\"1998-12-31T22:59:60Z\"]"},
    {"duration",
     "[\"P4DT12H30M5S\",\"P4Y\",\"PT0S\",\"P0D\",\"P1M\",\"PT1M\",\"PT36H\",\"P1DT12H\",\"P2W\"]",
     "[\"\",\"P\",\"PT\",\"P1\",\"4D\",\"P1YT\",\"P1Y2D\",\"P2D1Y\",\"PT1S1H\",\"P1D2H\",\"P2S\","
     "\"P1Y2W\",\"P1W2D\",\"P1Y2MT\",\"p1d\",\"PT0.5S\"]"},
    {"email",
     "[\"joe.bloggs@example.com\",\"te~st@example.com\",\"\\\"joe "
     "bloggs\\\"@example.com\",\"j@[127.0.0.1]\",\"j@[IPv6:::1]\",\"j@localhost\"]",
     "[\"2962\",\".test@example.com\",\"test.@example.com\",\"te..st@example.com\",\"@example."
     "com\",\"a@\",\"a@-b\",\"a@[300.0.0.1]\",\"joe bloggs@example.com\"]"},
    {"hostname", "[\"www.example.com\",\"a\",\"xn--4gbwdl.xn--wgbh1c\",\"1host\",\"a-b\"]",
     "[\"\",\"-a\",\"a-\",\"a..b\",\".a\",\"a.\",\"a_b\",\"é.example\","
     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]"},
    {"ipv4", "[\"192.168.0.1\",\"0.0.0.0\"]",
     "[\"127.0.0.0.1\",\"256.0.0.1\",\"127.0\",\"0x7f000001\",\"087.10.0.1\",\"192.168.1.0/24\",\" "
     "1.2.3.4\",\"1.2.3.٤\"]"},
    {"ipv6", "[\"::1\",\"::\",\"::abef\",\"1:2:3:4:5:6:7:8\",\"::ffff:192.168.0.1\"]",
     "[\"12345::\",\"1:1:1:1:1:1:1:1:1\",\"::laptop\",\"1::2::3\",\"fe80::a%eth1\",\"::1/"
     "64\",\"1:2:3\",\"::1 \"]"},
    {"uri",
     "[\"http://foo.bar/?baz=qux#quux\",\"urn:oasis:names:x\",\"mailto:a@b\",\"http://[::1]:80/"
     "\",\"http://a.b:/\",\"file:///c:/x\",\"tel:+1-816\",\"http://-.~_!$&'()*+,;=:%40@e.org\"]",
     "[\"//foo.bar/\",\"/abc\",\"\",\"bar,baz\",\"http:// shouldfail.com\",\"http://a "
     "b\",\"http://[::1/\",\"http://a:8x/\",\"%41:b\",\"http://e.org/%zz\",\"http://e.org/"
     "a\\\\b\",\":// x\",\"http://é.org/\"]"},
    {"uri-reference",
     "[\"http://a/b\",\"//a/b\",\"/abc\",\"abc\",\"#f\",\"?q\",\"\",\"../x\",\"a/b:c\",\"./a:b\"]",
     "[\"\\\\\\\\WINDOWS\\\\share\",\"#a b\",\"1a:b\",\"a#b#c\",\"%g0\",\"a[b\"]"},
    {"uuid", "[\"2EB8AA08-aa98-11ea-b4aa-73b441d16380\"]",
     "[\"2eb8aa08-aa98-11ea-b4aa-73b441d1638\",\"2eb8aa08aa9811eab4aa73b441d16380\",\"2eb8-aa08-"
     "aa98-11ea-b4aa73b44-1d16380\",\"xeb8aa08-aa98-11ea-b4aa-73b441d16380\",\"\"]"},
    {"json-pointer", "[\"\",\"/\",\"/foo/0\",\"/a~1b\",\"/m~0n\",\"/ /é\"]",
     "[\"a\",\"/a~\",\"/a~2\",\"#/a\",\"0\"]"},
    {"relative-json-pointer", "[\"0\",\"1/a\",\"0#\",\"120/x~1\"]",
     "[\"\",\"/a\",\"-1/a\",\"01/a\",\"0##\",\"1a\"]"},
    {"regex", "[\"^a+$\",\"([abc])+\",\"\\\\d\",\"\\\\p{Letter}\"]",
     "[\"(\",\"[a\",\"a**\",\"\\\\Z\",\"\\\\C\"]"},
    {"iri",
     "[\"http://ƒøø.ßår/?∂éœ=πîx#πîüx\",\"urn:é\",\"http://[::1]/"
     "é\",\"x:?\\ue000\",\"a:\\ud834\\udd1e\"]",
     "[\"/é\",\"éa:b\",\"http://a "
     "b/\",\"x:\\ue000\",\"x:#\\ue000\",\"x:\\ufffe\",\"x:\\u0085\",\"x:\\ud83f\\udfff\","
     "\"x:\\udb40\\udc01\",\"http://[v1.é]/\",\"x:<\"]"},
    {"iri-reference", "[\"é\",\"//é/ü?ö#ä\",\"\",\"#é\",\"%C3\"]",
     "[\"é:b\",\"#é\\\\x\",\"a{é}\",\"%Cé\"]"},
    {"uri-template",
     "[\"\",\"/a/"
     "{b}\",\"{+b,c:3}\",\"{#x*}\",\"{?a,b*,c:9999}\",\"{a.b.c}\",\"{%41_1}\",\"é%41{;x}\",\"{&y}"
     "\"]",
     "[\"{a\",\"a}\",\"{}\",\"{a,}\",\"{,a}\",\"{a:0}\",\"{a:12345}\",\"{a:}\",\"{a-b}\",\"{.}\","
     "\"{a..b}\",\"{a.}\",\"{=a}\","
     "\"{a{b}}\",\"%4\",\"a b\",\"<\",\"{+}\",\"{a*:1}\",\"{\\u0000a}\"]"},
    {"idn-email",
     "[\"실례@실례.테스트\",\"joe@example.com\",\"dömi@domäin.example\",\"\\\"é "
     "x\\\"@a\",\"é@[127.0.0.1]\"]",
     "[\"2962\",\"é\",\"@é\",\"é.@a\",\"é é@a\",\"a@Ä\",\"é@-a\",\"a@é..b\"]"},
    {"idn-hostname",
     "[\"실례.테스트\",\"www.example.com\",\"bücher.example\",\"XN--bcher-kva\",\"faß\",\"é。b\","
     "\"a．b\",\"a｡é\",\"l·l\","
     "\"אב.גד\",\"ب٠ب\",\"۰0\","
     "\"क्\\u200dष\",\"بي\\u200cبي\",\"・ァ\"]",
     "[\"\",\".\",\"é.\",\".é\",\"é..é\",\"-é\",\"é-\",\"ab--é\",\"Bücher\",\"u\\u0308\","
     "\"é\\u0323\",\"\\u0301a\",\"a·l\",\"α͵S\","
     "\"ב׳.׳ב\",\"・\",\"٠۰\",\"क\\u200dष\",\"a\\u200cb\",\"xn--\",\"xn--X\",\"xn--a\",\"xn--bcher-"
     "kvä\",\"xn--bcher-kvb-\","
     "\"אa\",\"א.1a\",\"aא\",\"א٠0\",\"a。。b\",\"a。\",\"é_\",\"\\u1100\\u1161\",\""
     "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé\"]"},
    {"no-such-format", "[\"anything\"]", "[]"},
};

static struct json_object *build(const char *text)
{
    const char *error;
    size_t offset;
    int built;

    if (json_check(text, strlen(text), &error, &offset) < 0) {
        ok(false, "not JSON: %s: %s", error, text);
        exit(done());
    }
    return json_build(text, strlen(text), &built);
}

static struct schema *compile(const char *format, bool asserted, struct json_object **json)
{
    struct findings f = {0};
    struct schema *s;

    *json = json_object_new_object();
    json_object_object_add(*json, "format", json_object_new_string(format));
    s = schema_compile_as(*json, (struct schema_mode){.format = asserted}, NULL, &f);
    findings_free(&f);
    if (!ok(s != NULL, "format %s%s", format, asserted ? "" : ", not asserted"))
        exit(done());
    return s;
}

/* Each of VALUES fits S, or none does. */
static void test_values(const struct schema *s, const char *values, bool fits)
{
    struct json_object *list = build(values);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *value = json_object_array_get_idx(list, i);
        struct findings f = {0};

        ok((schema_validate(s, value, NULL, &f) == 0) == fits, "  %s %s",
           fits ? "takes" : "refuses", json_object_to_json_string(value));
        findings_free(&f);
    }
    json_object_put(list);
}

/* A regex is compiled with the budget of its document: a short one may be costly. */
static void test_costly(void)
{
    struct json_object *json, *value;
    struct schema *s = compile("regex", true, &json);
    struct meter m = {0};
    struct findings f = {0};
    char *text = repeat("[\"", "\\\\p{L}", 800, "\"]");
    bool fits = true;

    value = build(text);
    for (int i = 0; i < 100 && fits; i++)
        fits = schema_validate_within(s, json_object_array_get_idx(value, 0), NULL, &m, &f) == 0;
    ok(!fits && f.count == 1 && strstr(f.item[0].message, "too costly to check"), "many costly: %s",
       f.count ? f.item[0].message : "all fit");
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
    json_object_put(value);
    free(text);
}

int main(void)
{
    test_costly();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_object *json, *json2;
        struct schema *s = compile(rows[i].format, true, &json);
        struct schema *silent = compile(rows[i].format, false, &json2);

        test_values(s, rows[i].fit, true);
        test_values(s, rows[i].unfit, false);
        test_values(s, "[1,null,{},[]]", true);
        test_values(silent, rows[i].unfit, true);
        schema_free(s);
        schema_free(silent);
        json_object_put(json);
        json_object_put(json2);
    }
    return done();
}
