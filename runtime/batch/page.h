/* The page of a batch (--html): one file that refers to no other, without a script; bounded, whatever the batch. */
#ifndef BATCH_PAGE_H
#define BATCH_PAGE_H

#include <time.h>

#include "runtime/base/str.h"
#include "runtime/batch/tally.h"

struct page {
    const struct tally *tally;
    const char *bundle; /* the command's; NULL: each job has its own */
    const char *input;
    time_t begun;
    uint64_t took;     /* ns */
    const char *ended; /* why before its end; NULL: it came to it */
};

/* Append the page. */
void page_write(const struct page *p, struct str *out);

/* Inside page*.c: the parts. Text that is not runbox's own is escaped, and what would move text about in it is
 * spelt out. */
void page_text(struct str *out, const char *text);
void page_style(struct str *out);
void page_timeline(const struct tally *t, struct str *out);
void page_histogram(const struct histogram *h, const char *name,
                    void (*label)(double, char *, size_t), struct str *out);
const char *page_class(enum status status); /* of a colour */

/* A time in microseconds, a size in bytes, for people. OUT >= 24 bytes. */
void page_time(double us, char *out, size_t size);
void page_size(double bytes, char *out, size_t size);

#endif
