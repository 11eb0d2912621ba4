/* Formats of dates as Rust's crate chrono has them, in the terms of strftime(3) and strptime(3). */
#ifndef SCRIPT_SN0INT_CHRONO_H
#define SCRIPT_SN0INT_CHRONO_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct chrono {
    const char *format; /* a Lua string */
    size_t n;
    /* Where in it a fraction of a second is read, of which the C library knows nothing; or SIZE_MAX. */
    size_t fraction;
    size_t digits; /* of the fraction; 0: any number */
    bool point;    /* it begins with a point, or is not there */
};

/* Push the translation of the N bytes of FORMAT, of which C then tells: for strptime, or for strftime
 * of a time without fractions. False, pushed: what chrono has not, or is not here. */
bool chrono_translate(lua_State *L, const char *format, size_t n, bool parse, struct chrono *c);

/* Whether the fraction is next at TEXT: *LENGTH bytes. */
bool chrono_fraction(const struct chrono *c, const char *text, size_t *length);

#endif
