/* The grammar, see hostile.h. Bytes: the document's shape (levels, width, how levels lead on), the words of the last
 * level, each with its count, and the instance. Trusts nothing of what it is given; never builds more than
 * some hundred kilobytes. */
#include "tests/fuzz/judge/hostile.h"

#include <string.h>

#include "runtime/base/str.h"

#define LEVELS 32
#define WIDTH  8
#define WORDS  6
#define TEXT   16 /* a count is at most 1 << TEXT */
#define ROOM   (96 * 1024)

struct bytes {
    const uint8_t *at, *end;
};

static unsigned take(struct bytes *b, unsigned below)
{
    return b->at < b->end ? *b->at++ % below : 0;
}

/* PIECE, N times, with a number for each '@', and between two a comma where LIST. */
static void repeat(struct str *out, const char *piece, size_t n, int list)
{
    size_t stop = out->len + ROOM;

    for (size_t i = 0; i < n && out->len < stop; i++) {
        if (list && i)
            str_addc(out, ',');
        for (const char *c = piece; *c; c++) {
            if (*c == '@')
                str_addf(out, "%zu", i);
            else
                str_addc(out, *c);
        }
    }
}

/* What a word says: HEAD, its piece as often as its count says, TAIL. */
struct word {
    const char *head, *piece, *tail;
    int list;
};

static const struct word words[] = {
    {"\"minLength\":60000", "", "", 0},
    {"\"maxLength\":30000", "", "", 0},
    {"\"pattern\":\"^(a|aa)+\\\\1$\"", "", "", 0},
    {"\"pattern\":\"(?:[^x]*[yz]|b)\"", "", "", 0},
    {"\"pattern\":\"", "a?", "b\"", 0},
    {"\"pattern\":\"", "[^x\\\\p{Lu}]{0,9}", "\"", 0},
    {"\"uniqueItems\":true", "", "", 0},
    {"\"default\":\"", "x", "\"", 0},
    {"\"default\":[", "{}", "]", 1},
    {"\"default\":{", "\"k@\":[@]", "}", 1},
    {"\"properties\":{", "\"p@\":{\"default\":\"xxxxxxxxxxxxxxxx\"}", "}", 1},
    {"\"properties\":{", "\"k@\":{\"default\":{},\"type\":\"string\"}", "}", 1},
    {"\"enum\":[", "\"v@\"", "]", 1},
    {"\"enum\":[", "[[@]]", "]", 1},
    {"\"const\":\"", "a", "\"", 0},
    {"\"required\":[", "\"k@\"", "]", 1},
    {"\"propertyNames\":{\"minLength\":1,\"pattern\":\"^k\"}", "", "", 0},
    {"\"patternProperties\":{", "\"^k@\":{\"type\":\"null\"}", "}", 1},
    {"\"dependentRequired\":{", "\"k@\":[\"k1\",\"z@\"]", "}", 1},
    {"\"dependentSchemas\":{", "\"k@\":{\"minProperties\":@}", "}", 1},
    {"\"unevaluatedProperties\":{\"minLength\":1}", "", "", 0},
    {"\"unevaluatedItems\":{\"minLength\":1}", "", "", 0},
    {"\"contains\":{\"const\":\"z\"}", "", "", 0},
    {"\"items\":{\"$dynamicRef\":\"#d\"}", "", "", 0},
    {"\"items\":{\"type\":\"object\"}", "", "", 0},
    {"\"additionalProperties\":{\"maxLength\":1}", "", "", 0},
    {"\"multipleOf\":0.01", "", "", 0},
    {"\"format\":\"uri\"", "", "", 0},
    {"\"allOf\":[", "{\"minLength\":@}", "]", 1},
    {"\"anyOf\":[", "{\"maxLength\":0}", "]", 1},
    {"\"oneOf\":[", "{\"uniqueItems\":true}", "]", 1},
    {"\"allOf\":[", "{\"properties\":{\"k@\":true},\"unevaluatedProperties\":true}", "]", 1},
    {"\"properties\":{\"v\":{\"default\":[", "{}", "]}}", 1},
};

static const struct word values[] = {
    {"\"", "a", "\"", 0},
    {"\"", "\xc3\xa9", "y\"", 0},
    {"[", "{}", "]", 1},
    {"[", "@", "]", 1},
    {"[", "[@,\"a\"]", "]", 1},
    {"{", "\"k@\":1", "}", 1},
    {"{", "\"k@\":\"aa\"", "}", 1},
    {"[", "\"aaaaaaaaaaaa\"", "]", 1},
    {"{\"p\":{", "\"k@\":{}", "}}", 1},
    {"\"a:", "%41", "\"", 0},
    {"{\"", "a", "\":1}", 0},
    {"1", "0", "", 0},
};

/* The first word with the keyword of this one. */
static unsigned key_of(unsigned word)
{
    size_t n = strcspn(words[word].head, ":");
    unsigned key = 0;

    while (strncmp(words[key].head, words[word].head, n + 1) != 0)
        key++;
    return key;
}

static void say(struct str *out, const struct word *w, unsigned power)
{
    str_adds(out, w->head);
    repeat(out, w->piece, w->list || *w->head != '1' ? (size_t)1 << power : power, w->list);
    str_adds(out, w->tail);
}

/* How one level leads to the next, WIDTH times. */
static const struct word ways[] = {
    {"\"allOf\":[", "", "]", 0},
    {"\"anyOf\":[", "", "]", 0},
    {"\"oneOf\":[", "", "]", 0},
    {"\"not\":{\"allOf\":[", "", "]}", 0},
    {"\"items\":{\"allOf\":[", "", "]}", 0},
    {"\"properties\":{\"p\":{\"allOf\":[", "", "]}}", 0},
    {"\"additionalProperties\":{\"allOf\":[", "", "]}", 0},
    {"\"unevaluatedProperties\":false,\"allOf\":[", "", "]", 0},
};

static void level(struct bytes *b, struct str *out, unsigned i, unsigned width)
{
    const struct word *w = &ways[take(b, sizeof ways / sizeof *ways)];

    str_addf(out, "\"%u\":{%s", i, w->head);
    for (unsigned n = 0; n < width; n++)
        str_addf(out, "%s{\"$ref\":\"#/$defs/%u\"}", n ? "," : "", i + 1);
    str_addf(out, "%s},", w->tail);
}

/* A level of many references to the last one, each a property of its own: defaults are copied for each. */
static void fan(struct str *out, unsigned power, unsigned to)
{
    size_t n = (size_t)1 << power;

    str_adds(out, ",\"properties\":{");
    for (size_t i = 0; i < n; i++)
        str_addf(out, "%s\"q%zu\":{\"default\":{},\"$ref\":\"#/$defs/%u\"}", i ? "," : "", i, to);
    str_addc(out, '}');
}

void hostile_make(const uint8_t *data, size_t n, struct str *schema, struct str *instance)
{
    struct bytes b = {data, data + n};
    unsigned levels = take(&b, LEVELS), width = 1 + take(&b, WIDTH), fans = take(&b, 12),
             count = 1 + take(&b, WORDS);
    uint32_t seen = 0;

    str_adds(schema, "{\"type\":\"object\",\"$ref\":\"#/$defs/0\"");
    if (fans)
        fan(schema, fans, levels);
    str_adds(schema, ",\"$defs\":{");
    for (unsigned i = 0; i < levels; i++)
        level(&b, schema, i, width);
    str_addf(schema, "\"%u\":{\"$dynamicAnchor\":\"d\"", levels);
    for (unsigned i = 0; i < count; i++) {
        unsigned word = take(&b, sizeof words / sizeof *words), power = take(&b, TEXT + 1);
        unsigned key = key_of(word);

        if (seen & UINT32_C(1) << key)
            continue; /* no member twice */
        seen |= UINT32_C(1) << key;
        str_addc(schema, ',');
        say(schema, &words[word], power);
    }
    str_adds(schema, "}}}");
    say(instance, &values[take(&b, sizeof values / sizeof *values)], take(&b, TEXT + 1));
}

void hostile_of_seed(uint32_t seed, struct str *schema, struct str *instance)
{
    uint32_t x = seed * 2654435761u + 1;
    uint8_t bytes[64];

    for (size_t i = 0; i < sizeof bytes; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        bytes[i] = (uint8_t)(x >> 11);
    }
    hostile_make(bytes, sizeof bytes, schema, instance);
}

void hostile_manifest(const struct str *schema, struct str *manifest)
{
    str_addf(manifest, "{\"runbox\":1,\"name\":\"x\",\"version\":\"1.0.0\",\"options\":%s}",
             schema->data);
}
