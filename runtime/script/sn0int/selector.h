/* CSS selectors (level 3, and :not, :is, :where of lists) as they are parsed and matched. */
#ifndef SCRIPT_SN0INT_SELECTOR_H
#define SCRIPT_SN0INT_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>

#define SELECTOR_MOST  4096 /* bytes of a text of selectors */
#define SELECTOR_DEPTH 16   /* lists in one another */

enum part_kind {
    PART_ANY,
    PART_TYPE,
    PART_ID,
    PART_CLASS,
    PART_ATTRIBUTE,
    PART_NTH,
    PART_ONLY,
    PART_ROOT,
    PART_EMPTY,
    PART_LINK,
    PART_ENABLED,
    PART_DISABLED,
    PART_CHECKED,
    PART_NEVER, /* of a user who is not there: :hover */
    PART_IS,
    PART_NOT
};

struct part_text {
    const char *at;
    size_t n;
};

struct part { /* one condition */
    struct part *next;
    enum part_kind kind;
    struct part_text name, value;
    char op;            /* of an attribute: '\0' (there at all), '=', '~', '|', '^', '$', '*' */
    bool any_case;      /* of its value */
    bool html_any_case; /* the same, of an element of HTML */
    bool last, of_type; /* PART_NTH, PART_ONLY: which are counted, and from where */
    int a, b;           /* A * n + B */
    const struct selector *list; /* PART_IS, PART_NOT */
};

struct compound { /* all of these conditions, of one element */
    struct part *parts;
    struct compound *left;
    char combinator; /* to the left: ' ', '>', '+', '~' */
};

struct selector {
    struct compound *right;
    struct selector *next; /* of the list */
};

/* selector.c: whether HTML has it that case does not count in the values of attributes of this name. */
bool selector_folds(struct part_text name);

#endif
