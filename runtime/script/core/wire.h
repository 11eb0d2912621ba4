/* The box's end of the wire: events out, replies in, over the one descriptor (0). Works without
 * Lua's memory, so that even a script that has used it all up can be reported. A failed write or
 * end of file means that the other end is gone: the process exits. */
#ifndef SCRIPT_CORE_WIRE_H
#define SCRIPT_CORE_WIRE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define WIRE_GONE 125 /* exit status: the other end of the wire is gone */

/* If the struct is page-aligned, all that every run writes is on its first page: .in is so short
 * that .text starts there. */
struct wire {
    size_t line_max; /* bytes of a line, '\n' included */
    size_t used, held;
    bool base64;     /* print, io.write and io.read carry base64 */
    bool heard;      /* the last read(2) returned bytes */
    size_t got;      /* bytes of .in that came with what was read before it */
    bool owed;       /* a request was sent, but its reply was not read to the end (out of memory) */
    char in[2048];   /* the usual reply */
    char text[4096]; /* gathered from print and io.write */
    char out[16384]; /* a line being sent */
};

/* Send HEAD, TEXT as the inside of a JSON string, TAIL, '\n'. Invalid UTF-8 becomes U+FFFD; a text too long for one line is sent in several events, cut between characters. */
void wire_text(struct wire *w, const char *head, const char *text, size_t n, const char *tail);

/* The same, but cut the text to one line. */
void wire_cut(struct wire *w, const char *head, const char *text, size_t n, const char *tail);

/* Send HEAD, the JSON text, TAIL, '\n', as one line; the caller has checked its length. */
void wire_json(struct wire *w, const char *head, const char *json, size_t n, const char *tail);

/* Send N bytes as they are: for what precedes the first line. */
void wire_bytes(struct wire *w, const void *bytes, size_t n);

/* {"Log":{LEVEL:"text"}}, LEVEL as on the wire. */
void wire_log(struct wire *w, const char *level, const char *text, size_t n);

/* Send a script's output: gathered until a '\n' at its end, 4 KiB, or any other event. */
void wire_write(struct wire *w, const char *text, size_t n);

/* The same, but do not send at a '\n': more of the same event follows. */
void wire_gather(struct wire *w, const char *text, size_t n);

/* Whether N more bytes still fit in the event being gathered. */
bool wire_room(const struct wire *w, size_t n);

/* Send what was gathered. */
void wire_sync(struct wire *w);

/* Read N bytes of what precedes the first line. */
void wire_take(struct wire *w, void *to, size_t n);

/* Read one line; push a value that keeps it alive. Return it, *N bytes without the '\n'. Raises
 * Lua's memory error, or an error if the line is longer than line_max. */
const char *wire_line(lua_State *L, struct wire *w, size_t *n);

/* Whether the next line begins with HEAD, which is no longer than .in. */
bool wire_begins(struct wire *w, const char *head);

/* After a request was sent: push the "Ok" value of the reply and return 1, or its "Err" text and
 * return 0. */
int wire_reply(lua_State *L, struct wire *w);

/* The same, with the caller's own objects in the reply. */
int wire_reply_refs(lua_State *L, struct wire *w);

/* Before sending a request: drop a reply that could not be read. */
void wire_drop_reply(struct wire *w);

#endif
