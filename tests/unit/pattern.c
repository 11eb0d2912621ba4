/* The engine of patterns against a real one of ECMA-262: lines that tests/tools/patterns.mjs made with node, from
 * tests/unit/pattern_corpus.jsonl or the files given. And by tables what node cannot be asked. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/json/schema/pattern.h"
#include "runtime/json/schema/run.h"
#include "runtime/json/schema/schema.h"
#include "tests/unit/repeat.h"
#include "tests/unit/tap.h"

struct tried {
    int result; /* 1, 0, or -1: given up */
    const char *why;
};

/* Compile N bytes of TEXT. WHY: the error and its place; "" if there is none. */
static struct pattern *compile(struct scratch *s, const char *text, size_t n, char why[256])
{
    struct findings f = {0};
    struct pattern *p = pattern_compile(s, text, n, NULL, &f);

    snprintf(why, 256, "%s", f.count ? f.item[0].message : "");
    findings_free(&f);
    return p;
}

static struct tried try_match(struct scratch *s, const struct pattern *p, const char *text,
                              size_t n)
{
    struct meter m = {0};
    struct run run = {.meter = &m, .scratch = s};
    int result = pattern_match(&run, p, text, n);

    scratch_reset(s);
    return (struct tried){result, run.spent == spent_meter ? meter_why(&m) : run.spent};
}

static size_t length(struct json_object *string)
{
    return (size_t)json_object_get_string_len(string);
}

static struct {
    size_t patterns, refused, subjects, matches, wrong;
} counts;

static void differs(const char *line, const char *what)
{
    if (counts.wrong++ < 20)
        printf("# %s: %s", what, line);
}

/* Twice: a match that goes on for long remembers choices, and must not find otherwise. */
static void check_subjects(const char *line, struct scratch *s, const struct pattern *p,
                           struct json_object *subjects, const char *want)
{
    for (size_t i = 0; i < 2 * json_object_array_length(subjects); i++) {
        struct json_object *one = json_object_array_get_idx(subjects, i / 2);
        struct tried got;

        s->remembers = i % 2;
        got = try_match(s, p, json_object_get_string(one), length(one));
        counts.subjects += !s->remembers;
        counts.matches += !s->remembers && got.result == 1;
        if (got.result == want[i / 2] - '0')
            continue;
        printf("# subject %s: %d %s\n", json_object_to_json_string(one), got.result,
               got.why ? got.why : "");
        differs(line, "matches otherwise");
    }
}

static void check_line(const char *line)
{
    struct json_object *json = json_tokener_parse(line), *text, *subjects;
    struct scratch *s = scratch_new();
    struct pattern *p;
    char why[256];

    text = json_object_array_get_idx(json, 0);
    subjects = json_object_array_get_idx(json, 1);
    p = compile(s, json_object_get_string(text), length(text), why);
    counts.patterns++;
    counts.refused += !p;
    if (!p != !subjects)
        differs(line, p ? "accepted" : why);
    else if (p)
        check_subjects(line, s, p, subjects,
                       json_object_get_string(json_object_array_get_idx(json, 2)));
    pattern_free(p);
    if (s->held != s->stack_size + s->regs_size)
        differs(line, "memory is kept");
    scratch_free(s);
    json_object_put(json);
}

static void check_file(const char *path)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;

    memset(&counts, 0, sizeof counts);
    while (in && getline(&line, &size, in) > 0)
        check_line(line);
    ok(counts.patterns && !counts.wrong,
       "%s: %zu patterns, %zu refused, %zu subjects, %zu matches; %zu wrong", path, counts.patterns,
       counts.refused, counts.subjects, counts.matches, counts.wrong);
    free(line);
    if (in)
        fclose(in);
}

/* What is no pattern: the byte of its place, and part of the reason. */
static const struct {
    const char *text;
    size_t byte;
    const char *part;
} errors[] = {
#include "tests/unit/pattern_errors.inc"
};

static void test_errors(void)
{
    struct scratch *s = scratch_new();
    char why[256], place[32];

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct pattern *p = compile(s, errors[i].text, strlen(errors[i].text), why);

        snprintf(place, sizeof place, "(at byte %zu)", errors[i].byte);
        if (errors[i].part)
            ok(!p && strstr(why, errors[i].part) && strstr(why, place), "%s: %s", errors[i].text,
               why);
        else
            ok(p != NULL, "%s: %s", errors[i].text, why);
        pattern_free(p);
    }
    ok(!s->held, "nothing is kept of what was refused: %zu", s->held);
    scratch_free(s);
}

/* What is easily got wrong, or what node's own answer is not ECMA-262's. */
static const struct {
    const char *text, *subject;
    int result;
} matches[] = {
    {"^\\s{10}$", "\t\n\v\f\r \xc2\xa0\xe2\x80\xa8\xe3\x80\x80\xef\xbb\xbf", 1},
    {"\\s", "\xe1\xa0\x8e", 0}, /* U+180E is none since Unicode 6.3 */
    {"\\s", "\xc2\x85", 0},
    {"^\\S$", "\xc2\x85", 1},
    {"\\S", "\xc2\xa0\xe3\x80\x80\xef\xbb\xbf", 0},
    {".", "\n\r\xe2\x80\xa8\xe2\x80\xa9", 0},
    {"^.$", "\xc2\x85", 1},
    {"^.$", "\xf0\x9f\x92\xa9", 1},
    {"^\\v$", "\v", 1},
    {"\\v", "\n", 0},
    {"\\d", "\xd9\xa1", 0},
    {"\\w", "\xc3\xa9", 0},
    {"a\\b\xc3\xa9", "a\xc3\xa9", 1},
    {"a$", "a\n", 0},
    {"^b", "a\nb", 0},
    {"^\\ud83d\\udca9$", "\xf0\x9f\x92\xa9", 1},
    {"^[\\ud83d\\udca9]$", "\xf0\x9f\x92\xa9", 1},
    {"^\\u{1F4A9}$", "\xf0\x9f\x92\xa9", 1},
    {"\\ud83d", "\xf0\x9f\x92\xa9", 0},
    {"^[^\\ud83d]$", "\xf0\x9f\x92\xa9", 1},
    {"^\\p{Script_Extensions=Hira}$", "\xe3\x83\xbc", 1},
    {"^\\p{Script=Hira}$", "\xe3\x83\xbc", 0},
    {"^\\p{sc=Zyyy}$", "\xe3\x83\xbc", 1},
    {"^\\p{gc=Lu}\\p{Lu}\\p{Uppercase_Letter}$", "ABC", 1},
    {"^\\P{Lu}$", "A", 0},
    {"^[^\\P{Lu}]$", "A", 1},
    {"\\p{Script=Hrkt}", "a\xe3\x81\x82", 0}, /* a value that no character has */
    {"^\\p{Any}\\p{Assigned}\\p{ASCII}$", "abc", 1},
    {"[]", "a", 0},
    {"^[^]$", "\n", 1},
    {"^(?:a|(?<x>b))\\k<x>$", "a", 1}, /* has not matched: empty */
    {"^\\k<x>(?<x>b)$", "b", 1},
    {"^(a\\1)$", "a", 1},
    {"^(z)((a+)?(b+)?(c))*\\3$", "zaacbbbcac", 0}, /* captures are of the last iteration */
    {"^(z)((a+)?(b+)?(c))*\\3$", "zaacbbbcaca", 1},
    {"^(?:(a)|b)*\\1$", "ab", 1},
    {"^(?:(a)|b)*\\1$", "aba", 0},
    {"^(?=(a+))a*b\\1$", "aaba", 0}, /* what a look-ahead found is not tried otherwise */
    {"^(?=(a+))a*b\\1$", "aabaa", 1},
    {"(?!(a))\\1b", "b", 1},
    {"(?<=\\1(a))b", "aab", 1}, /* behind, captures come from right to left */
    {"(?<=^(\\d+)(\\d+))\\1$", "1053", 0},
    {"(?<=([abc]+)([abc]+))\\2d$", "abccabd", 0},
    {"(?<=([abc]+)([abc]+))\\2d$", "abccabbcd", 0},
    {"(?<=a{2,3}b*)c", "aabbbc", 1},
    {"(?<=\\b.{2,})c$",
     "\xc3\xa9"
     "a\xf0\x9f\x92\xa9"
     "c",
     1},
    {"^(?:a?){3}$", "aa", 1},
    {"^(?:(?=a)|a){2}$", "a", 1},
    {"^(?:a?){4294967295}$", "aaa", 1},
    {"^(?:a*)*$", "aaab", 0},
    {"^(?:){4294967295}$", "", 1},
};

static void test_matches(void)
{
    struct scratch *s = scratch_new();
    char why[256];

    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct pattern *p = compile(s, matches[i].text, strlen(matches[i].text), why);
        struct tried got = {-2, why};

        if (p)
            got = try_match(s, p, matches[i].subject, strlen(matches[i].subject));
        ok(got.result == matches[i].result, "%s on %s: %d %s", matches[i].text, matches[i].subject,
           got.result, got.why ? got.why : "");
        pattern_free(p);
    }
    scratch_free(s);
}

/* OPEN as often as CLOSE, around MIDDLE. */
static char *nested(const char *open, const char *middle, const char *close, size_t count)
{
    char *rest = repeat(middle, close, count, ""), *text = repeat("", open, count, rest);

    free(rest);
    return text;
}

/* TEXT compiles within the budget, and says RESULT of SUBJECT within another. Frees both. How long that may take
 * on this machine is schema_hostile.c's. */
static void bounded(char *text, char *subject, int result, const char *what)
{
    struct scratch *s = scratch_new();
    struct meter m = {0};
    char why[256];
    clock_t begin = clock();
    struct tried got = {-2, why};
    struct pattern *p;
    size_t held;

    s->meter = &m;
    p = compile(s, text, strlen(text), why);
    held = s->held;
    if (p)
        got = try_match(s, p, subject, strlen(subject));
    ok(got.result == result && m.steps <= METER_STEPS && m.bytes <= METER_BYTES && held <= m.bytes,
       "%s: %d %s, %.2f s, %zu KiB, %llu steps to compile", what, got.result,
       got.why ? got.why : "", (double)(clock() - begin) / CLOCKS_PER_SEC, held / 1024,
       (unsigned long long)m.steps);
    pattern_free(p);
    ok(s->held == s->stack_size + s->regs_size, "  its memory is given back");
    scratch_free(s);
    free(text);
    free(subject);
}

static void test_bounds(void)
{
    bounded(strdup("^(a+)+$"), repeat("", "a", 100, "b"), 0, "(a+)+$");
    bounded(strdup("^(?:a|a)*$"), repeat("", "a", 2000, "b"), 0, "(a|a)*$");
    bounded(strdup("(?<=(?:a|a)*)b"), repeat("", "a", 2000, "c"), 0, "the same, behind");
    bounded(strdup("(?=(?:a*)*b)c"), repeat("", "a", 2000, "c"), 0, "the same, ahead");
    bounded(strdup("^(?:[^\"\\\\]|\\\\.)*$"), repeat("", "a\\x", 300000, ""), 1,
            "a string of 900 KB");
    bounded(strdup("^(a+)+\\1b"), repeat("", "a", 100, "c"), -1, "a backreference");
    bounded(strdup("^(?:(?:a|a){1,65535}){1,65535}b"), repeat("", "a", 100, "c"), -1,
            "loops that count");
    bounded(nested("(?:", "a", "){1,65535}", 200), strdup("a"), 1, "200 times {1,65535}");
    bounded(nested("(?:a{1,65535}", "", "){1,65535}", 150), strdup("b"), 0,
            "150 times {1,65535}, twice each");
    bounded(repeat("[", "\\p{L}", 800, "]"), strdup("a"), 1, "800 times \\p{L} in a class");
    bounded(repeat("", "\\P{L}", 800, ""), strdup("a"), 0, "800 times \\P{L}");
    bounded(repeat("[^", "\\P{scx=Zyyy}", 300, "]"), strdup("a"), 0, "300 times \\P{scx=Zyyy}");
    bounded(repeat("(?<n\xc3\xa9>a)", "\\k<n\xc3\xa9>", 500, ""), strdup("a"), 0,
            "500 references by name");
    bounded(nested("(", "a", ")", 250), strdup("a"), 1, "250 groups");
    bounded(nested("(", "a", ")", 251), strdup("a"), -2, "251 groups");
    bounded(repeat("", "a", 4096, ""), repeat("", "a", 4096, ""), 1, "4096 bytes");
    bounded(repeat("", "a", 4097, ""), strdup(""), -2, "4097 bytes");
    bounded(repeat("", "|", 4096, ""), strdup(""), 1, "4097 alternatives");
}

/* Where patterns stand in schemas, with their place. */
static void test_keywords(void)
{
    struct json_object *json = json_tokener_parse("{\"pattern\":\"a\\\\z\"}");
    struct findings f = {0};
    struct schema *s = schema_compile(json, NULL, &f);

    ok(!s && f.count == 1 && !strcmp(f.item[0].pointer, "/pattern") &&
           strstr(f.item[0].message, "(at byte 1)"),
       "a schema with a pattern of another language: %s", f.count ? f.item[0].message : "");
    findings_free(&f);
    schema_free(s);
    json_object_put(json);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        check_file("tests/unit/pattern_corpus.jsonl");
    for (int i = 1; i < argc; i++)
        check_file(argv[i]);
    test_errors();
    test_matches();
    test_bounds();
    test_keywords();
    return done();
}
