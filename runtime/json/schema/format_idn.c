/* Formats of names in any script: of hosts by IDNA2008 (RFC 5890, 2.3.2.3), of mailboxes by RFC 6531.
 * The text is untrusted: what is too long is refused unread. */
#include <string.h>

#include "runtime/json/schema/format.h"
#include "runtime/json/schema/idna.h"
#include "runtime/json/utf8.h"

#define HOST_MAX  253            /* in ASCII (RFC 1123, 2.1) */
#define HOST_LONG (4 * HOST_MAX) /* bytes: none is longer in UTF-8 than four times that */

/* RFC 3490, 3.1: all four end a label. */
static bool is_dot(uint32_t cp)
{
    return cp == '.' || cp == 0x3002 || cp == 0xFF0E || cp == 0xFF61;
}

/* Read one label from *AT, up to a dot or the end. False if it is none, or too long. */
static bool take_label(const char **at, const char *end, struct idna_label *label, bool *ascii)
{
    uint32_t cp;
    size_t len;

    label->n = 0;
    for (*ascii = true; *at < end; *at += len) {
        len = utf8_decode(*at, end, &cp);
        if (len && is_dot(cp))
            break;
        if (len == 0 || label->n == IDNA_LABEL)
            return false;
        label->at[label->n++] = cp;
        *ascii &= cp < 128;
    }
    return label->n > 0;
}

/* Whether N bytes of ASCII are a label, and set LABEL to what it means. */
static bool check_ascii(const char *text, size_t n, struct idna_label *label)
{
    if (!format_hostname(text, n))
        return false;
    if (n < 4 || strncasecmp(text, "xn--", 4) != 0)
        return n < 4 || text[2] != '-' || text[3] != '-';
    return punycode_decode(text + 4, n - 4, label) && punycode_length(label) == n - 4 &&
           idna_allowed(label) && idna_normal(label);
}

/* Check one label; *LENGTH is its length in ASCII. */
static bool check_label(const char **at, const char *end, struct idna_label *label, size_t *length)
{
    const char *from = *at;
    bool ascii;

    if (!take_label(at, end, label, &ascii))
        return false;
    if (ascii) {
        *length = (size_t)(*at - from);
        return check_ascii(from, *length, label);
    }
    if (!idna_allowed(label) || !idna_normal(label))
        return false;
    *length = strlen("xn--") + punycode_length(label);
    return *length <= IDNA_LABEL;
}

/* With DIRECTED, each label must obey the rule for names that turn (RFC 5893, 2). */
static bool check_labels(const char *text, const char *end, bool directed, bool *turns)
{
    struct idna_label label;
    size_t whole = 0, length;
    uint32_t dot;

    for (const char *at = text;;) {
        if (!check_label(&at, end, &label, &length))
            return false;
        whole += length + (at < end);
        *turns |= idna_turns(&label);
        if (whole > HOST_MAX || (directed && !idna_directed(&label)))
            return false;
        if (at == end)
            return true;
        at += utf8_decode(at, end, &dot);
    }
}

bool format_idn_hostname(const char *text, size_t n)
{
    bool turns = false;

    return n > 0 && n <= HOST_LONG && check_labels(text, text + n, false, &turns) &&
           (!turns || check_labels(text, text + n, true, &turns));
}

/* RFC 6531, 3.3: where RFC 5321 has a character, it may be any beyond ASCII too. */
bool format_idn_email(const char *text, size_t n)
{
    const char *at = memrchr(text, '@', n);
    size_t local = at ? (size_t)(at - text) : 0, domain = at ? n - local - 1 : 0;

    return at && format_local(text, local, true) &&
           (format_idn_hostname(at + 1, domain) || format_literal(at + 1, domain));
}
