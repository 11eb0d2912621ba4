/* A line of a box, runtime/wire/event.c: hostile. What is accepted must be JSON that fits the schema of
 * events, and what fits must be accepted where the two mean to agree. */
#include "runtime/wire/event.h"

#include <string.h>

#include "runtime/json/json.h"
#include "runtime/wire/text.h"
#include "tests/fuzz/judge/judge.h"

static bool inside(struct span span, const char *line, size_t n)
{
    return !span.at || (span.at >= line && span.len <= n && span.at - line <= (long)(n - span.len));
}

/* The text of a log line, written again by the monitor's own writer: the same text. */
static void say_again(const struct event *e)
{
    autostr struct str plain = {0}, line = {0}, again = {0};
    struct event twin;
    const char *why = "";

    text_plain(&plain, e->text, false);
    str_addf(&line, "{\"Log\":{\"%s\":", log_level_text(e->level));
    text_quote(&line, plain.data, plain.len);
    str_adds(&line, "}}");
    must(event_parse(line.data, line.len, &twin, &why) == 0, "said again: %s: %s", why, line.data);
    text_plain(&again, twin.text, false);
    must(twin.level == e->level && again.len == plain.len &&
             (!plain.len || memcmp(again.data, plain.data, plain.len) == 0),
         "said again, it is another text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct schema *box;
    const char *line = (const char *)data, *why = NULL;
    bool good;
    struct event e;

    if (!box)
        box = judge_schema("event", "#/$defs/box");
    if (memchr(line, '\n', n)) /* lines_next() gives no such line */
        return 0;
    good = event_parse(line, n, &e, &why) == 0;
    if (good) {
        /* A value's depth, and what stands around it. */
        must(judge_json(line, n, JSON_DEPTH_MAX + 2), "accepted, but no JSON");
        must(judge_fits(box, line, n), "accepted, but not by the schema");
        must(inside(e.text, line, n) && inside(e.name, line, n) && inside(e.value, line, n),
             "a span leads out of the line");
        if (e.kind == EVENT_LOG)
            say_again(&e);
    } else {
        must(why && *why, "refused without a word");
        must(!judge_json(line, n, JSON_DEPTH_MAX) || !judge_compares(line, n) ||
                 !judge_fits(box, line, n),
             "refused, but good by the schema: %s", why);
    }
    return 0;
}
