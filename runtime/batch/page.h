/* The page of a batch (--html): one self-contained file without scripts; bounded, whatever the
 * batch. */
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
    const char *ended; /* why it ended early; NULL: it did not */
};

/* Append the page. */
void page_write(const struct page *p, struct str *out);

/* Internal to page*.c: the parts. page_text() escapes untrusted text, and spells out characters
 * that would rearrange it. */
void page_text(struct str *out, const char *text);
void page_style(struct str *out);
void page_timeline(const struct tally *t, struct str *out);
void page_histogram(const struct histogram *h, const char *name,
                    void (*label)(double, char *, size_t), struct str *out);
const char *page_class(enum status status); /* CSS class, for its colour */

/* Format a time in microseconds, a size in bytes, for people. OUT >= 24 bytes. */
void page_time(double us, char *out, size_t size);
void page_size(double bytes, char *out, size_t size);

#endif
