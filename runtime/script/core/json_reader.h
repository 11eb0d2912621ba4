/* A cursor over JSON text, shared by values (json_read.c) and strings (json_string.c). */
#ifndef SCRIPT_CORE_JSON_READER_H
#define SCRIPT_CORE_JSON_READER_H

#include <lua.h>
#include <stdbool.h>

struct reader {
    lua_State *L;
    const char *begin, *at, *end;
    int array_mark; /* stack index */
    bool refs;      /* {"$ref":"id"} is an object of the caller */
};

/* Raise "json: LINE:COLUMN: WHAT" for the cursor's position. */
_Noreturn void reader_fail(struct reader *r, const char *what);

/* Skip white space. */
void reader_space(struct reader *r);

/* Skip C if it is next; returns whether it was. */
bool reader_accept(struct reader *r, char c);

/* After an opening quote: push the string and skip it. */
void reader_string(struct reader *r);

#endif
