/* Messages from a caller: the start line, then one reply to each request of the box. */
#ifndef WIRE_CALLER_H
#define WIRE_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"
#include "runtime/wire/event.h"
#include "schemas/export.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct json_object;

struct start {
    struct json_object *arg;     /* NULL: JSON null; see has_arg */
    struct json_object *options; /* an object; NULL: absent */
    struct json_object *keyring; /* an array of {namespace, access_key, secret_key}; NULL: absent */
    int64_t verbose;
    uint64_t seed;
    bool has_arg, has_seed;
    bool base64; /* "encoding":"base64", passed on to the box */
    bool reads;  /* "read":true: its caller answers READ; passed on */
    bool bytes;  /* streams cross as bytes, behind their count: for a person, in no caller's line */
    bool paced;  /* ... and what is written is gathered while much of it comes */
    bool has_bundle;
    char export[EXPORT_NAME_MAX + 1]; /* the one chosen; "": none */
    uint64_t instructions; /* ... and how many it may run, where the broker does not say; or 0 */
    char bundle[136];      /* a manifest's name; truncated if longer than any valid one */
    uint64_t steps;        /* spent on building its values */
};

/* Parse the start line. 0, or -1 and *WHY (STATUS_INVALID, .where "start line"), with the pointer
 * and what was expected. Unknown members are errors. */
int start_parse(const char *line, size_t n, struct start *s, struct fault *why);
void start_free(struct start *s);

/* Append to OUT the box's start line, including '\n': S with only the keyring entries whose
 * namespace is in NAMESPACES (NULL: all). It holds keys: OUT must be .secret. 0, or -1 and *WHY
 * (SETUP: no memory). */
int start_line(const struct start *s, const struct names *namespaces, struct str *out,
               struct fault *why);

/* Parse an array of keyring entries (--keyring FILE); WHERE is the file's name. */
int keyring_parse(const char *text, size_t n, const char *where, struct json_object **entries,
                  struct fault *why);

/* Check that LINE is a valid reply to a request of kind TO (READLINE and TOEND: {"Ok":"text"} or
 * {"Ok":null}; CALL: {"Ok":any} or {"Err":"text"}; ARTIFACT, BLOB: {"Ok":null} or {"Err":"text"};
 * RATELIMIT: {"Ok":"Pass"}, {"Ok":{"Retry":{"secs":N,"nanos":N}}} or {"Err":"text"}; DATABASE:
 * {"Ok":ID}, {"Ok":{"Inserted":ID}}, {"Ok":"None"} and the like, or {"Err":"text"}). 0, or -1 and
 * *WHY (STATUS_INVALID). A valid reply is passed to the box byte for byte. */
int reply_check(const char *line, size_t n, enum event_kind to, struct fault *why);

/* The same if the start line's encoding is base64: the texts that answer READLINE and TOEND must be
 * base64, possibly with JSON escapes ("\/"). */
int reply_check_base64(const char *line, size_t n, enum event_kind to, struct fault *why);

/* The same for READ of up to MOST bytes: {"Ok":null}, or {"Ok":"text"} of 1 to MOST bytes, in UTF-8 or,
 * with BASE64, once decoded. */
int reply_check_read(const char *line, size_t n, uint32_t most, bool base64, struct fault *why);

/* {"Invoke":{"fn":N,"params":any}}: what a caller may send instead of the reply to a CALL. */
struct invoke {
    uint64_t fn;
    struct span params;
};

/* Whether LINE is meant as an Invoke. invoke_parse() checks that it is one: 0, or -1 and *WHY
 * (STATUS_INVALID). */
bool invoke_is_meant(const char *line, size_t n);
int invoke_parse(const char *line, size_t n, struct invoke *i, struct fault *why);

/* Like reply_check(), for sn0int's parent process, which may have no input: READLINE and TOEND may
 * also be answered {"Err":"text"}. */
int reply_check_sandbox(const char *line, size_t n, enum event_kind to, struct fault *why);

#endif
