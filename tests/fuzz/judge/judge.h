/* What the fuzz targets share: one line to end a run, and judges that do not know the code on trial. Each
 * target is one function that libFuzzer calls with bytes of its own; nothing is kept between two calls but
 * compiled schemas. */
#ifndef FUZZ_JUDGE_H
#define FUZZ_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct lua_State;
struct schema;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What does not hold ends the process, as a crash that libFuzzer keeps the input of. */
void must(bool holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One strict JSON value of at most DEPTH levels and nothing but white space around it. */
bool judge_json(const char *text, size_t n, unsigned depth);

/* The schema that is compiled in under NAME, or its definition at POINTER ("#/$defs/x"). */
const struct schema *judge_schema(const char *name, const char *pointer);

/* TEXT, which judge_json() accepted, fits S. */
bool judge_fits(const struct schema *s, const char *text, size_t n);

/* Both texts were accepted, and mean the same value (numbers by what they are worth). */
bool judge_equal(const char *a, size_t n, const char *b, size_t m);

/* Not one of the spellings on which a parser and its schema mean to differ: escapes, numbers with a
 * fraction or an exponent or beyond 64 bits, '\r'. */
bool judge_compares(const char *text, size_t n);

/* A new state with the box's JSON library: lua_close() it. One that lived on would look like a leak to
 * libFuzzer, which then searches all memory, a thousand times over. */
struct lua_State *judge_lua(void);

/* The box takes TEXT as a line of the wire. */
bool judge_line(const char *text, size_t n);

/* The box's reader takes TEXT, of at most DEPTH levels: its value is then on the stack, else its message. */
bool judge_decodes(struct lua_State *L, const char *text, size_t n, int depth);

/* TEXT is UTF-8 without anything that a terminal obeys; '\n' and '\t' are let through with LINES. */
bool judge_harmless(const char *text, size_t n, bool lines);

#endif
