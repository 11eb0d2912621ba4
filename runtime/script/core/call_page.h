/* The system calls that a template makes and no box may: all made by one instruction, alone on its
 * page. The template's filter knows it by its address (struct seccomp_data, instruction_pointer),
 * and each box, which inherits the filter and cannot map anything, unmaps the page before it reads
 * its start line. Then no call can be made from there. Source: seccomp(2); OpenBSD's pinsyscalls(2)
 * uses the same idea. */
#ifndef SCRIPT_CORE_CALL_PAGE_H
#define SCRIPT_CORE_CALL_PAGE_H

#include <stdint.h>

#include "runtime/script/core/setup.h"

/* Make a call; returns what the kernel returns, a negative errno on failure. */
long call_page_call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* Write the rules that precede a filter to TO, at most CALL_PAGE_RULES: they allow the template's
 * calls from the page, and unmapping it; all else falls through. Returns the number of
 * instructions. */
#define CALL_PAGE_RULES 48
size_t call_page_rules(struct sock_filter *to);

/* Load G's filter, preceded by call_page_rules(). 0, or -1 and *WHY. */
int call_page_confine(const struct boot *g, int *listener, const char **why);

/* In a box: unmap the page, and so disable call_page_call(). 0 or -1. */
int call_page_unmap(void);

/* The page's address. */
uint64_t call_page_address(void);

#endif
