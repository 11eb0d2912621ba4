/* The system calls that a template makes and no box may: all by one instruction, alone on its page. The template's
 * filter knows it by its address (struct seccomp_data, instruction_pointer), and each box, which inherits the filter
 * and can map nothing, takes the page from itself before it reads its start line. Then nobody can make a call there.
 * Source: seccomp(2); pinsyscalls(2) of OpenBSD has the same idea. */
#ifndef SCRIPT_CORE_CALL_PAGE_H
#define SCRIPT_CORE_CALL_PAGE_H

#include <stdint.h>

#include "runtime/script/core/setup.h"

/* What the kernel answers: a negative errno where it fails. */
long call_page_call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* Write to TO, at most CALL_PAGE_RULES, what stands in front of a filter: the template's calls from the page, and
 * taking it away. All else goes on behind. How many instructions. */
#define CALL_PAGE_RULES 48
size_t call_page_rules(struct sock_filter *to);

/* Load G's filter, with the calls of a template allowed from their page in front. 0, or -1 and *WHY. */
int call_page_confine(const struct boot *g, int *listener, const char **why);

/* In a box: the page goes, and with it all of call_page_call(). 0 or -1. */
int call_page_unmap(void);

/* Its address. */
uint64_t call_page_address(void);

#endif
