/* The members of a line that say whose it is, found by the scanner, which builds nothing. */
#include "runtime/wire/envelope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/str.h"
#include "runtime/wire/job.h"
#include "runtime/wire/scan.h"

#define NAME_MAX_BYTES 64 /* of a member's name, escapes included, that is looked at */
#define VALUE_MAX      (6 * ENVELOPE_NAME + 2) /* bytes of a value, all of it escaped */

struct found {
    struct span id, bundle;
    bool limits, keys, reads;
};

/* Whether the name in RAW, which may have escapes, is TEXT. */
static bool is_named(struct span raw, const char *text)
{
    char plain[NAME_MAX_BYTES];

    if (raw.len > sizeof plain)
        return false;
    raw.len = json_unescape(raw.at, raw.len, plain);
    raw.at = plain;
    return span_is(raw, text);
}

static int envelope_member(struct json_scan *s, struct found *f)
{
    struct span name, value;

    if (scan_name(s, &name) < 0 || scan_value(s, &value) < 0)
        return -1;
    if (is_named(name, "id"))
        f->id = value;
    else if (is_named(name, "bundle"))
        f->bundle = value;
    f->limits = f->limits || is_named(name, "limits");
    f->keys = f->keys || is_named(name, "keyring");
    if (is_named(name, "read"))
        f->reads = span_is(value, "true");
    return 0;
}

static int envelope_scan(const char *line, size_t n, struct found *f)
{
    struct json_scan s = {.at = line, .end = line + n};
    const char *error;
    size_t offset;

    if (json_check(line, n, &error, &offset) < 0 || scan_take(&s, '{') < 0)
        return -1;
    while (!scan_at(&s, '}')) {
        if (envelope_member(&s, f) < 0)
            return -1;
        if (scan_at(&s, ','))
            scan_take(&s, ',');
    }
    return 0;
}

static void envelope_add(struct str *out, const char *name, struct span value)
{
    if (!value.len)
        return;
    str_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    str_add(out, value.at, value.len);
}

/* What was found, as a line that has nothing else, is a job. */
int envelope_read(const char *line, size_t n, struct envelope *e, struct fault *why)
{
    autostr struct str small = {0};
    struct found f = {0};
    struct job job;
    int r;

    *e = (struct envelope){.keys = true}; /* who knows */
    if (envelope_scan(line, n, &f) < 0 || f.id.len > VALUE_MAX || f.bundle.len > VALUE_MAX)
        return 1;
    str_addc(&small, '{');
    envelope_add(&small, "id", f.id);
    envelope_add(&small, "bundle", f.bundle);
    str_addc(&small, '}');
    if (small.failed)
        return fault_set(why, STATUS_SETUP, ENOMEM, "", "reading its line");
    r = job_parse(small.data, small.len, "", &job, why);
    *e = (struct envelope){job.id, job.bundle, f.limits, f.keys, f.reads};
    job.id = job.bundle = NULL;
    job_free(&job);
    return r == 0 ? 0 : why->status == STATUS_SETUP ? -1 : 1;
}

void envelope_free(struct envelope *e)
{
    free(e->id);
    free(e->bundle);
    *e = (struct envelope){0};
}

bool envelope_is_reply(const char *line, size_t n)
{
    static const char *const replies[] = {"Ok", "Err", "Invoke"};
    struct json_scan s = {.at = line, .end = line + n};
    struct span name;

    if (!scan_at(&s, '{'))
        return true;
    if (scan_take(&s, '{') < 0 || scan_name(&s, &name) < 0)
        return false;
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
        if (span_is(name, replies[i]))
            return true;
    return false;
}
