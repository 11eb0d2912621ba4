/* The box's end of the wire: events out, replies in, over the one descriptor (0). Works without
 * Lua's memory, so that even a script that has used it all up can be reported. A failed write or an
 * end of file means that the monitor is gone: the process ends. */
#ifndef SCRIPT_CORE_WIRE_H
#define SCRIPT_CORE_WIRE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define WIRE_GONE 125 /* exit status: there is nobody to tell */

/* What every run writes shares a page, if a wire begins with one: .in is short for the beginning of .text. */
struct wire {
    size_t line_max; /* bytes of a line, '\n' included */
    size_t used, held;
    bool base64;     /* print, io.write and io.read carry base64 */
    bool heard;      /* something was read */
    size_t got;      /* bytes of a line that wire_begins() has read */
    bool owed;       /* a request was sent and its reply not read to the end (want of memory) */
    char in[2048];   /* the usual reply */
    char text[4096]; /* what io.write gathered */
    char out[16384]; /* a line on its way */
};

/* Send HEAD, TEXT as the inside of a JSON string, TAIL, '\n'. What is not UTF-8, and NUL, becomes
 * U+FFFD; a text too long for one line is sent in several events, cut between characters. */
void wire_text(struct wire *w, const char *head, const char *text, size_t n, const char *tail);

/* The same, but cut the text to one line. */
void wire_cut(struct wire *w, const char *head, const char *text, size_t n, const char *tail);

/* Send HEAD, the JSON text, TAIL, '\n', as one line; the caller has looked at its length. */
void wire_json(struct wire *w, const char *head, const char *json, size_t n, const char *tail);

/* Send N bytes as they are: what goes before the first line. */
void wire_bytes(struct wire *w, const void *bytes, size_t n);

/* {"Log":{LEVEL:"text"}}, LEVEL as on the wire. */
void wire_log(struct wire *w, const char *level, const char *text, size_t n);

/* What a script writes: gathered until a '\n' at its end, 4 KiB, or any other event. */
void wire_write(struct wire *w, const char *text, size_t n);

/* The same, with more of the same event to come, whatever this ends with. */
void wire_gather(struct wire *w, const char *text, size_t n);

/* Would N more bytes still be gathered into one event? */
bool wire_room(const struct wire *w, size_t n);

/* Send what was gathered. */
void wire_sync(struct wire *w);

/* Read one line (without '\n') and push a value that keeps it alive. Valid until the next call.
 * Raises Lua's memory error, or errors where the line is longer than line_max. */
const char *wire_line(lua_State *L, struct wire *w, size_t *n);

/* Does the next line begin so? HEAD is no longer than .in. */
bool wire_begins(struct wire *w, const char *head);

/* After a request was sent: push the "Ok" value of the reply; 1. Or push the "Err" text; 0. */
int wire_reply(lua_State *L, struct wire *w);

/* The same, with the caller's own objects in it. */
int wire_reply_refs(lua_State *L, struct wire *w);

/* Before a request is sent: drop a reply that could not be read. */
void wire_drop_reply(struct wire *w);

#endif
