/* Result lines as input: written by runbox, but perhaps damaged since by a crash or an editor. */
#include "runtime/wire/result.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/json/json.h"
#include "runtime/wire/scan.h"

static int status_of(struct span text, enum status *status)
{
    for (int i = 0; i < STATUS__COUNT; i++)
        if (span_is(text, status_text((enum status)i))) {
            *status = (enum status)i;
            return 0;
        }
    return -1;
}

static int take_line_number(struct span value, uint64_t *number)
{
    char digits[24] = "", *end;

    if (value.len == 0 || value.len >= sizeof digits || *value.at < '1' || *value.at > '9')
        return -1;
    memcpy(digits, value.at, value.len);
    *number = strtoull(digits, &end, 10);
    return *end ? -1 : 0;
}

static int take_member(struct json_scan *s, struct span name, struct result_head *head)
{
    struct span value;

    if (scan_value(s, &value) < 0)
        return -1;
    if (span_is(name, "id")) {
        head->id = value.at;
        head->id_len = value.len;
        return value.len && strchr("\"-0123456789n", *value.at) ? 0 : -1;
    }
    if (span_is(name, "line"))
        return take_line_number(value, &head->line);
    if (span_is(name, "status") && value.len > 2)
        return status_of((struct span){value.at + 1, value.len - 2}, &head->status);
    return 0;
}

int result_head(const char *line, size_t n, struct result_head *head)
{
    struct json_scan s = {.at = line, .end = line + n};
    struct span name;
    const char *error;
    size_t offset;

    *head = (struct result_head){.status = STATUS__COUNT};
    if (json_check(line, n, &error, &offset) < 0 || scan_take(&s, '{') < 0)
        return -1;
    while (!scan_at(&s, '}'))
        if (scan_name(&s, &name) < 0 || take_member(&s, name, head) < 0 ||
            (!scan_at(&s, '}') && scan_take(&s, ',') < 0))
            return -1;
    if (scan_take(&s, '}') < 0 || scan_end(&s) < 0 || !head->id || head->status == STATUS__COUNT)
        return -1;
    return *head->id == 'n' && !head->line ? -1 : 0;
}

void result_key(const char *id, size_t n, uint64_t line, struct str *key)
{
    if (n && *id == '"') {
        str_addc(key, '"');
        if (str_reserve(key, n) == 0)
            key->len += json_unescape(id + 1, n - 2, key->data + key->len);
    } else if (n && *id == 'n') {
        str_addf(key, "line %llu", (unsigned long long)line);
    } else {
        str_add(key, id, n);
    }
}
