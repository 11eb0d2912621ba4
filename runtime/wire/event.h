/* Messages from a box, one per line. The box is hostile: event_parse() accepts exactly the shapes
 * of event.schema.json; an accepted line may be passed on byte for byte. */
#ifndef WIRE_EVENT_H
#define WIRE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
    EVENT_LOG,      /* {"Log":{LEVEL:"text"}} */
    EVENT_WRITE,    /* {"Stdio":{"Write":"text"}} */
    EVENT_READLINE, /* {"Stdio":"Readline"} */
    EVENT_TOEND,    /* {"Stdio":"ToEnd"} */
    EVENT_READ,     /* {"Stdio":{"Read":N}}: up to N bytes of input, as soon as there are any */
    EVENT_BYTES, /* {"Stdio":{"Bytes":N}}, and behind its '\n' N bytes of output; to a person only */
    EVENT_CALL,  /* {"Call":{["ref":"id",]"method":"m","params":any}} */
    EVENT_RETURN,    /* {"Return":{"Ok":any}} or {"Return":{"Err":"text"}}: a callback's result */
    EVENT_ARTIFACT,  /* {"Artifact":{"name":"n","data":"base64"[,"more":true]}} */
    EVENT_RATELIMIT, /* {"Ratelimit":{"key":"k","passes":1,"time":1000}} */
    EVENT_SLEEP,     /* {"Sleep":{"secs":0,"nanos":1}}: the monitor replies; never passed on */
    EVENT_DATABASE, /* {"Database":...}, as in sn0int (schemas/database.def); runbox sandbox only */
    EVENT_BLOB,     /* {"Blob":"base64"}; runbox sandbox only */
    EVENT_RESULT,   /* {"Result":any} */
    EVENT_EXIT_OK,  /* {"Exit":"Ok"} */
    EVENT_EXIT_ERR, /* {"Exit":{"Err":"text"}} */
    EVENT_LIMIT,    /* {"Limit":{"name":"memory"|"instructions","text":"..."}}: the box ends itself;
                       the monitor decides what the caller is told; never passed on */
    EVENT__COUNT
};

enum log_level { LOG_DEBUG, LOG_INFO, LOG_SUCCESS, LOG_WARN, LOG_WARN_ONCE, LOG_ERROR, LOG_STATUS };

struct span { /* bytes of the parsed line; strings are still escaped, without their quotes */
    const char *at;
    size_t len;
};

struct event {
    enum event_kind kind;
    enum log_level level; /* EVENT_LOG */
    struct span text;     /* of LOG, WRITE, EXIT_ERR, LIMIT; ARTIFACT's data: an escaped string */
    struct span name;     /* CALL's method, name of ARTIFACT or LIMIT: plain ASCII, no escapes */
    struct span value;    /* CALL's params, RESULT's value, RETURN's Ok: JSON text */
    struct span ref;      /* CALL's object, an id without escapes; empty: none */
    bool more;            /* ARTIFACT: more pieces of the same name follow */
    uint64_t wait;        /* SLEEP: nanoseconds */
    uint32_t count;       /* READ, BYTES: N, 4 or 1 to STDIO_MOST */
};

/* Parse LINE (N bytes, without '\n') as one event. 0, or -1 and *WHY, a static text for the
 * report. Names are compared byte for byte: an escaped spelling is rejected, and so is a '\r',
 * which some readers take for a line end. A method is 1 to 128 bytes of [A-Za-z0-9_.:-], an
 * artifact's name the same without ':' and with no leading '.' or '-'; a value nests at most
 * JSON_DEPTH_MAX deep. */
int event_parse(const char *line, size_t n, struct event *e, const char **why);

/* "Debug", "Info", ... as on the wire. */
const char *log_level_text(enum log_level level);

#endif
