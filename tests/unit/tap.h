/* TAP for unit tests: ok() once a check, `return done();` at main's end. One executable, one
 * stream. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int tap_count, tap_failed;

/* One line of TAP; returns PASS, so that a test may stop where going on makes no sense. */
__attribute__((format(printf, 2, 3), unused)) static bool ok(bool pass, const char *fmt, ...)
{
    va_list ap;

    tap_failed += !pass;
    printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    return pass;
}

/* The plan, and main's exit status. A test that checked nothing has failed. */
__attribute__((unused)) static int done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed || !tap_count;
}

/* How often, where the number is the point: a tenth of N where the processor is emulated. */
__attribute__((unused)) static int fewer(int n)
{
    return getenv("EMULATED") ? n / 10 : n;
}

#endif
