/* The box's end of the wire: events out, replies in, over the one descriptor (0). Works without
 * Lua's memory, so that even a script that has used it all up can be reported. A failed write or
 * end of file means that the other end is gone: the process exits. */
#ifndef SCRIPT_CORE_WIRE_H
#define SCRIPT_CORE_WIRE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_GONE 125 /* exit status: the other end of the wire is gone */

/* How print, io.write and io.read cross the wire. */
enum wire_form {
    WIRE_TEXT,   /* as JSON strings: what is not UTF-8 becomes U+FFFD */
    WIRE_BASE64, /* as base64 in them */
    WIRE_BYTES,  /* as they are, behind a line that counts them */
};

/* When what was written is sent, if not before another event or for want of room. */
enum wire_pace {
    WIRE_LINES, /* at the end of a line */
    WIRE_PACED, /* likewise, but not each of many lines in a row: those cost few calls */
    WIRE_FULL,  /* no sooner: setvbuf("full") */
    WIRE_NONE,  /* at once: setvbuf("no") */
};

/* If the struct is page-aligned, all that every run writes is on its first page: .in is so short
 * that .text starts there. */
struct wire {
    size_t line_max; /* bytes of a line, '\n' included */
    size_t used, held;
    enum wire_form form;
    enum wire_pace pace;
    unsigned lines;   /* WIRE_PACED: how many may be sent at once ... */
    uint64_t counted; /* ... since this millisecond, when they were counted */
    bool reads;       /* the other end answers requests for bytes, not for lines alone */
    bool heard;       /* the last read(2) returned bytes */
    size_t got;       /* bytes of .in that came with what was read before it */
    bool owed;     /* a request was sent, but its reply was not read to the end (out of memory) */
    char in[2048]; /* the usual reply */
    char head[32]; /* WIRE_BYTES: the count, which ends where .text begins */
    char text[32768]; /* gathered from print and io.write; of texts, 4096 bytes at most */
    char out[16384];  /* a line being sent */
};

/* Send HEAD, TEXT as the inside of a JSON string, TAIL, '\n'. Invalid UTF-8 becomes U+FFFD; a text too
 * long for one line is sent in several events, cut between characters. */
void wire_text(struct wire *w, const char *head, const char *text, size_t n, const char *tail);

/* The same, but cut the text to one line. */
void wire_cut(struct wire *w, const char *head, const char *text, size_t n, const char *tail);

/* Send HEAD, the JSON text, TAIL, '\n', as one line; the caller has checked its length. */
void wire_json(struct wire *w, const char *head, const char *json, size_t n, const char *tail);

/* Ask for input, N bytes at most. */
void wire_ask_bytes(struct wire *w, size_t n);

/* Send N bytes as they are: for what precedes the first line. */
void wire_bytes(struct wire *w, const void *bytes, size_t n);

/* {"Log":{LEVEL:"text"}}, LEVEL as on the wire. */
void wire_log(struct wire *w, const char *level, const char *text, size_t n);

/* Send a script's output: gathered as long as .pace says, at most until .text is full or any other
 * event is sent. */
void wire_write(struct wire *w, const char *text, size_t n);

/* The same, but do not send at a '\n': more of the same event follows. */
void wire_gather(struct wire *w, const char *text, size_t n);

/* Whether N more bytes still fit in the event being gathered. */
bool wire_room(const struct wire *w, size_t n);

/* Send what was gathered. */
void wire_sync(struct wire *w);

/* Read N bytes of what precedes the first line; or discard them, so that their sender can finish. */
void wire_take(struct wire *w, void *to, size_t n);
void wire_skip(struct wire *w, size_t n);

/* Read one line; push a value that keeps it alive. Return it, *N bytes without the '\n'. Raises
 * Lua's memory error, or an error if the line is longer than line_max. */
const char *wire_line(lua_State *L, struct wire *w, size_t *n);

/* Push N bytes, of Lua's memory. No finalizer runs meanwhile: in the middle of a line it could send a
 * request and read the rest of that line, or change what a read has begun. */
char *wire_push_room(lua_State *L, size_t n);

/* Raise Lua's memory error, which lua_error() would not do with the message of one that was caught. */
void wire_no_memory(lua_State *L);

/* Whether the next line begins with HEAD, which is no longer than .in. */
bool wire_begins(struct wire *w, const char *head);

/* WIRE_BYTES: ask for N bytes of input at most. How many came, at TO; 0: it has ended. */
size_t wire_read(struct wire *w, char *to, size_t n);

/* After a request was sent: push the "Ok" value of the reply and return 1, or its "Err" text and
 * return 0. */
int wire_reply(lua_State *L, struct wire *w);

/* The same, with the caller's own objects in the reply. */
int wire_reply_refs(lua_State *L, struct wire *w);

/* Before sending a request: drop a reply that could not be read. */
void wire_drop_reply(struct wire *w);

#endif
