/* What a caller may say: the start line, then one reply for each request of the box. */
#ifndef WIRE_CALLER_H
#define WIRE_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/str.h"
#include "runtime/wire/event.h"
#include "schemas/fault.h"
#include "schemas/manifest.h"

struct json_object;

struct start {
    struct json_object *arg;     /* NULL is JSON null; see has_arg */
    struct json_object *options; /* an object, or NULL where absent */
    struct json_object *keyring; /* an array of {namespace, access_key, secret_key}, or NULL */
    int64_t verbose;
    uint64_t seed;
    bool has_arg, has_seed;
    bool base64; /* "encoding":"base64": so the box is told too */
    bool has_bundle;
    char bundle[136]; /* a manifest's name; cut where it is longer than any */
    uint64_t steps;   /* that building its values took */
};

/* Parse the start line. 0, or -1 with *WHY (STATUS_INVALID, where "start line", the pointer and
 * what would be right). Unknown members are errors. */
int start_parse(const char *line, size_t n, struct start *s, struct fault *why);
void start_free(struct start *s);

/* Append to OUT the start line for the box ('\n' included): S with only those keyring entries whose
 * namespace is in NAMESPACES (NULL: all). It holds keys: OUT is .secret. 0, or -1 and *WHY (SETUP: no memory). */
int start_line(const struct start *s, const struct names *namespaces, struct str *out,
               struct fault *why);

/* Parse an array of keyring entries (--keyring FILE), WHERE being the file's name. */
int keyring_parse(const char *text, size_t n, const char *where, struct json_object **entries,
                  struct fault *why);

/* LINE is a fitting reply to a request of kind TO (READLINE and TOEND: {"Ok":"text"} or
 * {"Ok":null}; CALL: {"Ok":any} or {"Err":"text"}; ARTIFACT, BLOB: {"Ok":null} or {"Err":"text"};
 * RATELIMIT: {"Ok":"Pass"}, {"Ok":{"Retry":{"secs":N,"nanos":N}}} or {"Err":"text"}; DATABASE: {"Ok":ID},
 * {"Ok":{"Inserted":ID}}, {"Ok":"None"} and their like, or {"Err":"text"}). 0, or -1 with *WHY
 * (STATUS_INVALID). What is accepted is passed to the box byte for byte. */
int reply_check(const char *line, size_t n, enum event_kind to, struct fault *why);

/* The same where the start line's encoding is base64: the texts that answer READLINE and TOEND are that,
 * however JSON spells them ("\/"). */
int reply_check_base64(const char *line, size_t n, enum event_kind to, struct fault *why);

/* {"Invoke":{"fn":N,"params":any}}: what a caller may say in place of the reply to a CALL. */
struct invoke {
    uint64_t fn;
    struct span params;
};

/* Does LINE mean to be one? invoke_parse() says whether it is: 0, or -1 with *WHY (STATUS_INVALID). */
bool invoke_is_meant(const char *line, size_t n);
int invoke_parse(const char *line, size_t n, struct invoke *i, struct fault *why);

/* The same as reply_check() from sn0int's parent, which may have no input to give: {"Err":"text"} for it too. */
int reply_check_sandbox(const char *line, size_t n, enum event_kind to, struct fault *why);

#endif
